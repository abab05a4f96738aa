import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transformFileSync } from '@swc/core';
import { WORKER_MARKER } from '../../src/local/worker-identity.js';

const ROOT = join(import.meta.dirname, '../..');
/** What a worker of a modelled fleet runs. */
const SOURCES = ['src', 'test/doubles/fleet'];
const WORKER = 'test/doubles/fleet/worker-process.js';

export interface CompiledWorker {
  /** Below the repository, where packages are found. */
  directory: string;
  program: string;
}

/** JavaScript of the worker, as `leafspan` runs it too: a compiler in the process would be measured with it. */
export function compileWorker(): CompiledWorker {
  mkdirSync(join(ROOT, '.leafspan'), { recursive: true });
  // Commands know a worker by its command line.
  const directory = mkdtempSync(join(ROOT, '.leafspan', `${WORKER_MARKER}-`));
  for (const source of SOURCES)
    for (const file of readdirSync(join(ROOT, source), { recursive: true, encoding: 'utf8' }))
      if (file.endsWith('.ts')) compile(join(source, file), directory);
  return { directory, program: join(directory, WORKER) };
}

function compile(file: string, directory: string): void {
  const target = join(directory, file.replace(/\.ts$/, '.js'));
  const { code } = transformFileSync(join(ROOT, file), {
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'es6' },
    swcrc: false,
  });
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, code);
}
