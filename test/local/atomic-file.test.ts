import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWhole, writeWhole } from '../../src/local/atomic-file.js';

let dir = '';
let file = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'atomic-'));
  file = join(dir, 'file');
});
afterEach(() => rmSync(dir, { recursive: true }));

const modeOf = (path: string): number => statSync(path).mode & 0o777;

test('a file is only for its owner unless another mode is given', async () => {
  await writeWhole(file, 'secret');
  await writeWhole(`${file}.crt`, 'public', 0o644);
  expect([modeOf(file), modeOf(`${file}.crt`)]).toEqual([0o600, 0o644]);
});

test('an earlier file is replaced, its mode too', async () => {
  writeFileSync(file, 'old');
  chmodSync(file, 0o666);
  await writeWhole(file, Buffer.from('new'));
  expect(readFileSync(file, 'utf8')).toBe('new');
  expect(modeOf(file)).toBe(0o600);
});

test('missing directories are made, for their owner only', async () => {
  await writeWhole(join(dir, 'a', 'b', 'file'), 'text');
  expect([modeOf(join(dir, 'a')), modeOf(join(dir, 'a', 'b'))]).toEqual([0o700, 0o700]);
});

test('two writers at once leave one whole file', async () => {
  const texts = ['one', 'two'].map((text) => text.repeat(100_000));
  await Promise.all(texts.map((text) => writeWhole(file, text)));
  expect(texts).toContain(readFileSync(file, 'utf8'));
  expect(readdirSync(dir)).toEqual(['file']);
});

test('of two that create a file the first one keeps it', async () => {
  expect(await createWhole(file, 'first')).toBe(true);
  expect(await createWhole(file, 'second')).toBe(false);
  expect(readFileSync(file, 'utf8')).toBe('first');
});

test('a write that fails leaves nothing', async () => {
  mkdirSync(join(file, 'below'), { recursive: true });
  await expect(writeWhole(file, 'text')).rejects.toMatchObject({ code: 'EISDIR' });
  expect(readdirSync(dir)).toEqual(['file']);
});

test('what lies in wait beside the file receives nothing', async () => {
  const trap = join(dir, 'trap');
  symlinkSync(trap, `${file}.part`);
  await writeWhole(file, 'secret');
  expect(existsSync(trap)).toBe(false);
  expect(readFileSync(file, 'utf8')).toBe('secret');
});
