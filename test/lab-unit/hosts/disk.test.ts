import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { copyPrivately } from '../../../src/lab/hosts/disk.js';

test('the disk of a host is readable by nobody else, whatever the mode of what it is made from', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'leafspan-disk-'));
  const [from, to] = [join(directory, 'built.img'), join(directory, 'disk.img')];
  try {
    writeFileSync(from, 'contents');
    chmodSync(from, 0o666);
    await copyPrivately(from, to);
    expect(readFileSync(to, 'utf8')).toBe('contents');
    expect(statSync(to).mode & 0o777).toBe(0o600);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
