import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformFileSync } from '@swc/core';
import { filesBelow } from './bootstrap.js';

const SOURCES = fileURLToPath(new URL('../src', import.meta.url));

const OPTIONS = {
  jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  module: { type: 'es6' },
  swcrc: false,
};

/** Turns src, but for the directories that are skipped, into JavaScript below the target. */
export function compileSources(target, skipped = []) {
  for (const file of filesBelow(SOURCES, skipped)) {
    const compiled = join(target, relative(SOURCES, file).replace(/\.ts$/, '.js'));
    mkdirSync(dirname(compiled), { recursive: true });
    writeFileSync(compiled, transformFileSync(file, OPTIONS).code);
  }
}
