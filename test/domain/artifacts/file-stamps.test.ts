import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { fileFactsScript, parseFileFacts, stampScript } from '../../../src/domain/artifacts/placement.js';

const NOTED = 'a'.repeat(64);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leafspan-stamps-'));
  file = join(directory, 'k3s');
  writeFileSync(file, 'first');
});
afterEach(() => rmSync(directory, { recursive: true }));

const run = (script: string): string => {
  const moved = script.replaceAll('/var/lib/leafspan', directory);
  return spawnSync('bash', ['-u', '-o', 'pipefail', '-c', moved], { encoding: 'utf8' }).stdout;
};
const seen = (): string | undefined => parseFileFacts(run(fileFactsScript([file]))).get(file)?.sha256;
const note = (): string => run(stampScript([{ path: file, sha256: NOTED }]));

test('a file without a note is read', () => {
  expect(seen()).toBe(sha256('first'));
});

test('a file that has not changed since it was noted is not read again', () => {
  note();
  expect(seen()).toBe(NOTED);
});

test('the note of another file does not count', () => {
  note();
  file = join(directory, 'k3s-other');
  writeFileSync(file, 'first');
  expect(seen()).toBe(sha256('first'));
});

test.each<[what: string, change: () => void]>([
  ['its contents', () => writeFileSync(file, 'longer than the first')],
  [
    'its contents, with the former size and time of change',
    () => {
      const { atime, mtime } = statSync(file);
      writeFileSync(file, 'other');
      utimesSync(file, atime, mtime);
    },
  ],
])('a file is read again after somebody has changed %s', (_what, change) => {
  note();
  change();
  expect(seen()).not.toBe(NOTED);
});

test('the latest note counts', () => {
  note();
  run(stampScript([{ path: file, sha256: 'b'.repeat(64) }]));
  expect(seen()).toBe('b'.repeat(64));
});
