import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { fileRefusal } from '../../src/contract/file-refusal.js';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'leafspan-refusal-'));
});
afterAll(() => rmSync(root, { recursive: true }));

let mounted: string | undefined;
afterEach(() => {
  if (mounted !== undefined) execFileSync('umount', [mounted]);
  mounted = undefined;
});

function disk(options: string): string {
  mounted = mkdtempSync(join(root, 'disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', mounted]);
  return mounted;
}

function refusalOf(act: () => void): unknown {
  try {
    act();
    return 'nothing failed';
  } catch (error) {
    return fileRefusal(error);
  }
}

test.each<[where: string, act: () => void, message: RegExp]>([
  ['on a read-only disk', () => mkdirSync(join(disk('ro'), 'state/temporal'), { recursive: true }), /state.*: /],
  ['on a full disk', () => writeFileSync(join(disk('size=4k'), 'file'), 'x'.repeat(10_000)), /no space left|is full/],
  ['below a file', () => mkdirSync('/etc/passwd/state'), /a part of the path is a file/],
  ['with too long a path', () => mkdirSync(`/tmp/${'x'.repeat(300)}`), /the path is too long/],
])('a state directory %s is no bug of leafspan', (_where, act, message) => {
  expect(refusalOf(act)).toMatchObject({
    code: 'LOCAL_FILE_REFUSED',
    message: expect.stringMatching(message),
    hint: expect.stringContaining('LEAFSPAN_STATE_DIR'),
  });
});

test('a file that is not there is another failure', () => {
  expect(refusalOf(() => writeFileSync('/nowhere/file', ''))).toBeUndefined();
});
