import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { SshHostShell } from '../../../src/adapters/ssh/ssh-host-shell.js';
import { failureOf } from '../../support/errors.js';
import { killQuietly, startSshd, type TestSshd } from '../../support/servers/sshd.js';

const knownHosts = { read: () => Promise.resolve(undefined), record: () => Promise.resolve() };
const { signal } = new AbortController();
const changing = { signal, changes: true };

let sshd: TestSshd;
const shells: SshHostShell[] = [];
const newShell = (): SshHostShell => {
  const shell = new SshHostShell({ knownHosts, agentSocket: undefined });
  shells.push(shell);
  return shell;
};

beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(async () => {
  await Promise.all(shells.map((shell) => shell.close()));
  await sshd.stop();
});

const running = (pattern: string): boolean => spawnSync('pgrep', ['-f', pattern]).status === 0;
const files = (): string[] => readdirSync('/run').filter((name) => name.startsWith('leafspan-script.'));

/** A script that changes something and whose worker is gone. */
async function orphan(seconds: string): Promise<void> {
  const call = newShell().run(sshd.host(), `sleep ${seconds}`, changing);
  while (!running(`sleep ${seconds}`)) await sleep(20);
  sshd.connections().forEach(killQuietly);
  expect(await failureOf(call)).toMatchObject({ code: 'SSH_CONNECTION_LOST' });
  expect(running(`sleep ${seconds}`)).toBe(true);
}

test('a script that a lost connection left running is stopped before the next one changes anything', async () => {
  await orphan('911.1');
  const { stdout } = await newShell().run(sshd.host(), `pgrep -fc '^sleep 911.1' || true`, changing);
  expect(stdout).toBe('0\n');
  expect(files()).toEqual([]);
});

test('a script that only looks stops nothing', async () => {
  await orphan('911.3');
  await newShell().run(sshd.host(), 'true', { signal });
  expect(running('sleep 911.3')).toBe(true);
  await newShell().run(sshd.host(), 'true', changing);
  expect(running('sleep 911.3')).toBe(false);
});

test('scripts of one connection run side by side', async () => {
  const shell = newShell();
  const results = await Promise.all(
    ['a', 'b', 'c'].map((name) => shell.run(sshd.host(), `sleep 0.3; echo ${name}`, changing)),
  );
  expect(results.map(({ stdout }) => stdout)).toEqual(['a\n', 'b\n', 'c\n']);
  expect(files()).toEqual([]);
});

test('a script that changes something may exit, set traps and fail as any other', async () => {
  const script = `trap 'echo trapped' EXIT\n(exit 3)\necho not reached`;
  const run = newShell().run(sshd.host(), script, { ...changing, failFast: true, okCodes: [3] });
  expect(await run).toMatchObject({ code: 3, stdout: 'trapped\n' });
  expect(files()).toEqual([]);
});

test('a cancelled script leaves no trace', async () => {
  const cancel = new AbortController();
  const call = newShell().run(sshd.host(), 'sleep 911.4', { ...changing, signal: cancel.signal });
  while (!running('sleep 911.4')) await sleep(20);
  cancel.abort(new Error('cancelled by the test'));
  await expect(call).rejects.toThrow('cancelled by the test');
  expect([running('sleep 911.4'), files()]).toEqual([false, []]);
});
