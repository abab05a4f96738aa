import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';

/** Compares text with test/golden/<name>. UPDATE_GOLDEN=1 rewrites the file; CI never does. */
export function expectGolden(name: string, text: string): void {
  const file = fileURLToPath(new URL(`../golden/${name}`, import.meta.url));
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${text}\n`);
  }
  if (!existsSync(file)) throw new Error(`there is no golden file ${name}; write it with UPDATE_GOLDEN=1`);
  expect(`${text}\n`).toBe(readFileSync(file, 'utf8'));
}
