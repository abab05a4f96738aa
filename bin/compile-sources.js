import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformFileSync } from '@swc/core';
import { buildSync } from 'esbuild';
import { filesBelow } from './bootstrap.js';

const SOURCES = fileURLToPath(new URL('../src', import.meta.url));

const OPTIONS = {
  jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  module: { type: 'es6' },
  swcrc: false,
};

/** They name what is used of a large package, and get it in one file without the rest. */
const BUNDLED = ['adapters/kubernetes/library.ts'];
const BUNDLE = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['undici'], // the connections that are handed to it are made by the same one
  minifyWhitespace: true,
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
};

/** Turns src, but for the directories that are skipped, into JavaScript below the target. */
export function compileSources(target, skipped = []) {
  for (const file of filesBelow(SOURCES, skipped)) {
    const source = relative(SOURCES, file);
    const compiled = join(target, source.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(compiled), { recursive: true });
    if (BUNDLED.includes(source)) buildSync({ ...BUNDLE, entryPoints: [file], outfile: compiled });
    else writeFileSync(compiled, transformFileSync(file, OPTIONS).code);
  }
}
