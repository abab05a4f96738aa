import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readSettings, type Settings } from '../../../src/starters/settings.js';
import { resolveTemporalCli } from '../../../src/starters/temporal/cli.js';
import { CLI_VERSION } from '../../../src/starters/temporal/download/program-sums.js';
import { failureOf } from '../../support/errors.js';

let root: string;
let notes: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leafspan-cli-choice-'));
  notes = [];
});
afterEach(() => rmSync(root, { recursive: true }));

/** A program that says this when it is asked for its version. */
function program(directory: string, says: string): string {
  mkdirSync(join(root, directory), { recursive: true });
  const path = join(root, directory, 'temporal');
  writeFileSync(path, `#!/bin/sh\necho '${says}'\n`, { mode: 0o755 });
  return path;
}

const settings = (more: NodeJS.ProcessEnv = {}): Settings =>
  readSettings({
    env: { PATH: `${join(root, 'bin')}:/usr/bin:/bin`, XDG_CACHE_HOME: join(root, 'cache'), ...more },
    home: root,
  });
const resolve = (more?: NodeJS.ProcessEnv): Promise<string> =>
  resolveTemporalCli(settings(more), (text) => notes.push(text));
const pinned = (): string => program(`cache/leafspan/temporal/${CLI_VERSION}`, `temporal version ${CLI_VERSION}`);

test.each(['1.8.3', '1.9.0', '2.0.0', '1.10.1'])('version %s on the PATH is used', async (version) => {
  const path = program('bin', `temporal version ${version} (Server 1.32.0, UI 2.54.1)`);
  expect(await resolve()).toBe(path);
  expect(notes).toEqual([]);
});

test.each([
  [
    'an older version',
    'temporal version 1.6.2 (Server 1.30.1, UI 2.45.0)',
    /is version 1.6.2, and 1.8.3 is the oldest/,
  ],
  ['another program of that name', 'a calendar', /does not tell its version/],
])('%s on the PATH is left aside for the pinned one, and both are named', async (_what, says, why) => {
  const path = program('bin', says);
  const other = pinned();
  expect(await resolve()).toBe(other);
  expect(notes).toEqual([expect.stringMatching(why)]);
  expect(notes[0]).toContain(path);
  expect(notes[0]).toContain(CLI_VERSION);
});

test('an older version that the user named is refused', async () => {
  const LEAFSPAN_TEMPORAL_CLI = program('mine', 'temporal version 1.6.2');
  const failure = await failureOf(resolve({ LEAFSPAN_TEMPORAL_CLI }));
  expect(failure).toMatchObject({ code: 'TEMPORAL_CLI_MISSING', message: expect.stringMatching(/1.6.2/) });
});
