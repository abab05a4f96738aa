import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LocalFile } from '../../../src/parts/ports.js';
import { SshHostShell } from '../../../src/adapters/ssh/ssh-host-shell.js';
import { failureOf } from '../../support/errors.js';
import { addUser, killQuietly, startSshd, type TestSshd } from '../../support/servers/sshd.js';

const SUDO_USER = 'lsp-test-upload';
const knownHosts = { read: () => Promise.resolve(undefined), record: () => Promise.resolve() };
const { signal } = new AbortController();

let sshd: TestSshd;
let shell: SshHostShell;
let removeUser: () => void;
let small: LocalFile;
let large: LocalFile;
let counter = 0;

beforeAll(async () => {
  removeUser = addUser(SUDO_USER, true);
  sshd = await startSshd();
  shell = new SshHostShell({ knownHosts, agentSocket: undefined });
  small = localFile('small', 100_000);
  large = localFile('large', 128 * 1024 * 1024);
});

afterAll(async () => {
  await shell.close();
  await sshd.stop();
  removeUser();
});

function localFile(name: string, size: number): LocalFile {
  const path = join(sshd.folder, name);
  const content = randomBytes(size);
  writeFileSync(path, content);
  return { path, size, sha256: createHash('sha256').update(content).digest('hex') };
}

/** A place in a folder that does not exist yet. */
const place = (): string => join(sshd.folder, `to-${(counter += 1)}`, `it's here.tar`);
const namesBeside = (path: string): string[] => (existsSync(dirname(path)) ? readdirSync(dirname(path)) : []);

test.each(['root', SUDO_USER])(
  'as %s, a file arrives whole, with its mode, in a folder that was not there',
  async (user) => {
    const path = place();
    await shell.upload(sshd.host({ user }), small, { path, mode: '0640' }, { signal });
    expect(readFileSync(path).equals(readFileSync(small.path))).toBe(true);
    expect(statSync(path).mode & 0o7777).toBe(0o640);
    expect(statSync(path).uid).toBe(0);
    expect(namesBeside(path)).toHaveLength(1);
  },
);

test('a file with the wrong checksum gets no name, and the one before stays', async () => {
  const path = place();
  mkdirSync(dirname(path));
  writeFileSync(path, 'before');
  const call = shell.upload(sshd.host(), { ...small, sha256: 'f'.repeat(64) }, { path, mode: '0644' }, { signal });
  expect(await failureOf(call)).toMatchObject({ code: 'ARTIFACT_CORRUPT', where: { host: 'hub-1' } });
  expect(readFileSync(path, 'utf8')).toBe('before');
  expect(namesBeside(path)).toHaveLength(1);
});

test('a local file that is not there is told', async () => {
  const missing = { ...small, path: join(sshd.folder, 'nowhere') };
  const error = await failureOf(shell.upload(sshd.host(), missing, { path: place(), mode: '0644' }, { signal }));
  expect(error.code).toBe('ARTIFACT_CORRUPT');
  expect(error.message).toContain('ENOENT');
});

test('what an earlier try left is removed', async () => {
  const path = place();
  mkdirSync(dirname(path));
  writeFileSync(join(dirname(path), `.it's here.tar.leafspan-abc123`), 'half');
  await shell.upload(sshd.host(), small, { path, mode: '0644' }, { signal });
  expect(namesBeside(path)).toEqual([`it's here.tar`]);
});

test('a place that cannot be written is told with what the host said', async () => {
  const path = '/proc/leafspan/file';
  const error = await failureOf(shell.upload(sshd.host(), large, { path, mode: '0644' }, { signal }));
  expect(error.code).toBe('COMMAND_FAILED');
  expect(error.output).toMatch(/mkdir/);
});

test('progress is told in percent', async () => {
  const path = place();
  const told: string[] = [];
  await shell.upload(sshd.host(), large, { path, mode: '0644' }, { signal, heartbeat: (text) => told.push(text) });
  expect(told[0]).toBe(`waiting to send it's here.tar`);
  expect(told[1]).toMatch(/^sending it's here\.tar: \d+ %$/);
});

test('a cancelled upload leaves nothing behind', async () => {
  const path = place();
  const cancel = new AbortController();
  const heartbeat = (text: string): void => {
    if (text.startsWith('sending')) cancel.abort(new Error('cancelled by the test'));
  };
  const call = shell.upload(sshd.host(), large, { path, mode: '0644' }, { signal: cancel.signal, heartbeat });
  await expect(call).rejects.toThrow('cancelled by the test');
  expect(namesBeside(path)).toEqual([]);
});

/** What a lost connection leaves of a file. */
const partOf = (file: LocalFile, path: string): string =>
  join(dirname(path), `.it's here.tar.leafspan-${file.sha256.slice(0, 16)}`);

test.each<[what: string, percent: number, left: (content: Buffer) => Buffer]>([
  ['continues where it was cut off', 75, (content) => content.subarray(0, 96 * 1024 * 1024)],
  ['begins again when what is there is damaged', 0, (content) => Buffer.alloc(content.length - 1)],
  ['begins again when more is there than can be', 0, (content) => Buffer.concat([content, content])],
])('a transfer %s', async (_what, percent, left) => {
  const path = place();
  mkdirSync(dirname(path));
  writeFileSync(partOf(large, path), left(readFileSync(large.path)));
  const told: string[] = [];
  await shell.upload(sshd.host(), large, { path, mode: '0644' }, { signal, heartbeat: (text) => told.push(text) });
  expect(readFileSync(path).equals(readFileSync(large.path))).toBe(true);
  expect(namesBeside(path)).toEqual([`it's here.tar`]);
  const percents = told.flatMap((text) => /(\d+) %/.exec(text)?.[1] ?? []).map(Number);
  expect(Math.min(...percents)).toBeGreaterThanOrEqual(percent);
});

test('a transfer that stands still ends as a lost connection, whatever the host does', async () => {
  const still = new SshHostShell({ knownHosts, agentSocket: undefined });
  const before = sshd.connections();
  const stop = (): void =>
    sshd
      .connections()
      .filter((pid) => !before.includes(pid))
      .forEach((pid) => process.kill(pid, 'SIGSTOP'));
  const heartbeat = (text: string): void => (text.startsWith('sending') ? stop() : undefined);
  const options = { signal, timeoutMs: 500, heartbeat };
  const call = still.upload(sshd.host(), large, { path: place(), mode: '0644' }, options);
  expect(await failureOf(call)).toMatchObject({
    code: 'SSH_CONNECTION_LOST',
    message: expect.stringContaining('nothing arrived for 0.5 s') as unknown,
  });
  sshd
    .connections()
    .filter((pid) => !before.includes(pid))
    .forEach(killQuietly);
  await still.close();
});

test('a connection that drops leaves what has arrived, and the next try continues there', async () => {
  const path = place();
  const killing = setInterval(() => {
    if (namesBeside(path).length > 0) sshd.connections().forEach(killQuietly); // once there is something to leave
  }, 5);
  const call = shell.upload(sshd.host(), large, { path, mode: '0644' }, { signal }).finally(() => {
    clearInterval(killing);
  });
  expect(await failureOf(call)).toMatchObject({ code: 'SSH_CONNECTION_LOST' });
  expect(namesBeside(path).map((name) => join(dirname(path), name))).toEqual([partOf(large, path)]);
  await shell.upload(sshd.host(), large, { path, mode: '0644' }, { signal });
  expect(readFileSync(path).equals(readFileSync(large.path))).toBe(true);
  expect(namesBeside(path)).toEqual([`it's here.tar`]);
});
