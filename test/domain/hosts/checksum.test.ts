import { afterAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SHA256_FUNCTION } from '../../../src/domain/hosts/checksum.js';

const folder = mkdtempSync(join(tmpdir(), 'leafspan-checksum-'));
afterAll(() => rmSync(folder, { recursive: true }));

const text = 'leafspan\n'.repeat(10_000);
const sum = createHash('sha256').update(text).digest('hex');
const run = (shadow: string): string =>
  spawnSync('bash', ['-eu', '-o', 'pipefail', '-c', `${shadow}\n${SHA256_FUNCTION}\nsha256`], {
    input: text,
    encoding: 'utf8',
  }).stdout;

const broken = join(folder, 'openssl');
writeFileSync(broken, '#!/bin/sh\necho disabled in this mode\n');
chmodSync(broken, 0o755);

test.each([
  ['the tools that are there', ''],
  ['sha256sum alone', 'openssl() { return 127; }'],
  ['openssl alone', 'sha256sum() { return 127; }'],
  ['an openssl that has no SHA-256', `PATH="${folder}:$PATH"`],
])('with %s the checksum is right', (_tools, shadow) => {
  expect(run(shadow)).toBe(`${sum}\n`);
});
