import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
/** Other test files have hosts on this machine too. */
const ofHost = (): string => {
  const { address, port } = sshd.host().ssh;
  return createHash('sha256').update(`${address} ${port}`).digest('hex').slice(0, 12);
};
const below = (start: string): string[] => readdirSync('/run').filter((name) => name.startsWith(start));
const files = (): string[] => below(`leafspan-script.${ofHost()}.`);

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

test('a script that changes something may exit, set traps and fail like every other one', async () => {
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

const laptop = { id: '0123456789abcdef', name: 'ann@laptop' };
const desktop = { id: 'fedcba9876543210', name: 'ann@desktop' };
const held = (holder = laptop): SshHostShell => {
  const shell = new SshHostShell({ knownHosts, agentSocket: undefined, holder });
  shells.push(shell);
  return shell;
};
const leases = (): string[] => below(`leafspan-lease.${ofHost()}`).filter((name) => !name.endsWith('.lock'));
/** Whole seconds since this machine's start, as a lease counts them. */
const uptime = (): number => Math.floor(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]));
/** As if a minute had passed since the last script of the holder of a host. */
const expire = (): void => leases().forEach((name) => writeFileSync(`/run/${name}`, `${'0'.repeat(16)} 0 old\n`));
afterEach(() => leases().forEach((name) => rmSync(`/run/${name}`)));

test('who changes a host holds it, and another one with the same keys waits for a minute after the last script', async () => {
  const began = uptime();
  await held().run(sshd.host(), 'true', changing);
  const other = held(desktop);
  const { code, message } = await failureOf(other.run(sshd.host(), 'echo changed', changing));
  expect([code, message.replace(/\d+/, '<n>')]).toEqual([
    'HOST_BUSY',
    'ann@laptop changes this host too; it is waited for, for at least another <n> s',
  ]);
  const seconds = Number(/\d+/.exec(message)?.[0]);
  expect(seconds).toBeLessThanOrEqual(60);
  expect(seconds).toBeGreaterThanOrEqual(60 - (uptime() - began));
  await other.run(sshd.host(), 'true', { signal });
  await held().run(sshd.host(), 'true', changing);
  expire();
  expect(await other.run(sshd.host(), 'echo changed', changing)).toMatchObject({ stdout: 'changed\n' });
  expect(await failureOf(held().run(sshd.host(), 'true', changing))).toMatchObject({ code: 'HOST_BUSY' });
});

test('a file is not sent to a host that another one changes', async () => {
  await held().run(sshd.host(), 'true', changing);
  const [path, target] = [`${sshd.folder}/sent`, `${sshd.folder}/received`];
  writeFileSync(path, 'x');
  const file = { path, size: 1, sha256: createHash('sha256').update('x').digest('hex') };
  const sent = held(desktop).upload(sshd.host(), file, { path: target, mode: '0600' }, { signal });
  expect(await failureOf(sent)).toMatchObject({ code: 'HOST_BUSY' });
  expect(existsSync(target)).toBe(false);
});

test("a script that runs longer than the lease is not stopped by another holder, only by its own's successor", async () => {
  const ended = failureOf(held().run(sshd.host(), 'sleep 911.5', changing));
  while (!running('sleep 911.5')) await sleep(20);
  expire();
  expect(await failureOf(held(desktop).run(sshd.host(), 'true', changing))).toMatchObject({ code: 'HOST_BUSY' });
  expect(running('sleep 911.5')).toBe(true);
  await held().run(sshd.host(), 'true', changing);
  expect(await ended).toMatchObject({ code: 'COMMAND_FAILED' });
});

test('of two that begin at once one waits', async () => {
  const begun = [held(), held(desktop)].map((shell) => shell.run(sshd.host(), 'sleep 0.3', changing));
  const ends = await Promise.allSettled(begun);
  expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('a host that is released is held no more, and nothing of the lease stays', async () => {
  await held().run(sshd.host(), 'rm -f /run/leafspan-lease.*', changing);
  expect(readdirSync('/run').filter((name) => name.startsWith('leafspan-lease.'))).toEqual([]);
  expect(await held(desktop).run(sshd.host(), 'echo changed', changing)).toMatchObject({ stdout: 'changed\n' });
});
