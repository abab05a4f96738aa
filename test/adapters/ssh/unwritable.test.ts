import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostUnwritable } from '../../../src/adapters/ssh/commands/unwritable.js';
import { SshHostShell } from '../../../src/adapters/ssh/ssh-host-shell.js';
import { failureOf } from '../../support/errors.js';
import { hostAt, startSshd, type TestSshd } from '../../support/servers/sshd.js';

const knownHosts = { read: () => Promise.resolve(undefined), record: () => Promise.resolve() };
const { signal } = new AbortController();

let sshd: TestSshd;
let shell: SshHostShell;
let disk: string;
beforeAll(async () => {
  sshd = await startSshd();
  shell = new SshHostShell({ knownHosts, agentSocket: undefined });
});
afterAll(async () => {
  await shell.close();
  await sshd.stop();
});
beforeEach(() => {
  disk = join(sshd.folder, 'disk');
  mkdirSync(disk, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
});
afterEach(() => void execFileSync('umount', [disk]));

test('a disk that gets full in the middle of a file is a permanent failure, and nothing of the file stays', async () => {
  const content = Buffer.alloc(3 * 1024 * 1024, 'x');
  const path = join(sshd.folder, 'sent');
  writeFileSync(path, content);
  const file = { path, size: content.length, sha256: createHash('sha256').update(content).digest('hex') };
  const remote = { path: join(disk, 'received'), mode: '0644' };
  expect(await failureOf(shell.upload(sshd.host(), file, remote, { signal }))).toMatchObject({
    code: 'HOST_UNWRITABLE',
    message: expect.stringMatching(/^a disk of the host is full: dd: .*received.*: No space left on device$/),
    hint: expect.stringContaining('df -h'),
  });
  expect(readdirSync(disk)).toEqual([]);
});

test.each([
  ['mkdir -p', 'mkdir -p "$disk/directory"'],
  ['the shell itself', 'echo text > "$disk/file"'],
])('a read-only file system is a permanent failure, as %s says it', async (_who, script) => {
  execFileSync('mount', ['-o', 'remount,ro', disk]);
  expect(await failureOf(shell.run(sshd.host(), `disk=${disk}\n${script}`, { signal, failFast: true }))).toMatchObject({
    code: 'HOST_UNWRITABLE',
    message: expect.stringMatching(/^a file system of the host is read-only: .*: Read-only file system$/),
  });
});

test.each<[line: string, hint: RegExp]>([
  ["mv: cannot move '/etc/a' to '/etc/b': Operation not permitted", /chattr -i/],
  ['bash: line 12: /etc/rancher/k3s/config.yaml: Operation not permitted', /chattr -i/],
  ["cp: error writing '/var/lib/x': Disk quota exceeded", /quota/],
])('"%s" gets a hint of its own', (line, hint) => {
  expect(hostUnwritable(hostAt({}), `before\n${line}\n`)).toMatchObject({ hint: expect.stringMatching(hint) });
});

test.each(['kill: (123) - Operation not permitted', "cat: '/etc/x': No such file or directory", ''])(
  '"%s" is another failure',
  (said) => expect(hostUnwritable(hostAt({}), said)).toBeUndefined(),
);
