import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readSettings, type Settings } from '../../../src/starters/settings.js';
import { resolveTemporalCli } from '../../../src/starters/temporal/cli.js';
import { whyNotTrusted } from '../../../src/starters/temporal/download/program-sums.js';
import { failureOf } from '../../support/errors.js';

let home: string;
let settings: Settings;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'leafspan-cli-'));
  settings = readSettings({ env: { PATH: join(home, 'bin') }, home });
});
afterEach(() => rmSync(home, { recursive: true }));

const serves = (program: string) => (_version: string, target: string) => {
  writeFileSync(target, program);
  return Promise.resolve(undefined);
};

test('a program that is not the one that leafspan was tested with is thrown away', async () => {
  const sources = [
    ['the server', serves('#!/bin/sh\n')],
    ['the index', () => Promise.resolve('HTTP 404')],
  ] as const;
  const error = await failureOf(resolveTemporalCli(settings, () => undefined, sources));
  expect(error.code).toBe('TEMPORAL_CLI_MISSING');
  expect(error.message).toMatch(/the server: the program has SHA-256 \w{64} instead of \w{64}; the index: HTTP 404/);
  expect(readdirSync(join(settings.cacheDir, 'temporal', '1.9.1'))).toEqual([]);
});

test('on a system of which no checksum is known nothing that was downloaded runs', async () => {
  const program = join(home, 'temporal');
  writeFileSync(program, '');
  const because = await whyNotTrusted(program, { platform: 'freebsd', arch: 'x64' });
  expect(because).toBe('no checksum is known for freebsd on x64');
});
