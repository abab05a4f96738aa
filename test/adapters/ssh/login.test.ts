import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sudoDenied, sudoSaid } from '../../../src/adapters/ssh/login/login-errors.js';
import { SshHostShell } from '../../../src/adapters/ssh/ssh-host-shell.js';
import { failureOf } from '../../support/errors.js';
import { addUser, hostAt, startSshd, type TestSshd } from '../../support/servers/sshd.js';

const USER = 'lsp-test-login';
const knownHosts = { read: () => Promise.resolve(undefined), record: () => Promise.resolve() };
const { signal } = new AbortController();

let sshd: TestSshd;
let shell: SshHostShell;
let removeUser: () => void;

beforeAll(async () => {
  removeUser = addUser(USER, true);
  sshd = await startSshd(['AcceptEnv LANG LC_*']);
});
// sshd looks up the login shell when a connection is made.
beforeEach(() => {
  shell = new SshHostShell({ knownHosts, agentSocket: undefined });
});
afterEach(() => shell.close());
afterAll(async () => {
  await sshd.stop();
  removeUser();
});

/** Gives the user a login shell of these lines. */
function loginShell(name: string, ...lines: string[]): void {
  const path = join(sshd.folder, name);
  writeFileSync(path, ['#!/bin/bash', ...lines, ''].join('\n'), { mode: 0o755 });
  execFileSync('usermod', ['-s', path, USER]);
}

const asUser = () => sshd.host({ user: USER });

const CONTENT = 'a line\n\nreceive() { exit 3; }\n';

function upload(path: string): Promise<void> {
  const file = join(sshd.folder, 'sent');
  writeFileSync(file, CONTENT);
  const sha256 = createHash('sha256').update(CONTENT).digest('hex');
  return shell.upload(asUser(), { path: file, sha256, size: CONTENT.length }, { path, mode: '0600' }, { signal });
}

test('programs speak English to scripts, whatever the language of the host', async () => {
  loginShell('german', 'export LANG=de_DE.UTF-8 LC_MESSAGES=de_DE.UTF-8 LANGUAGE=de; exec /bin/bash "$@"');
  expect((await shell.run(asUser(), 'echo "$LC_ALL"', { signal })).stdout).toBe('C\n');
  expect((await shell.run(sshd.host(), 'echo "$LC_ALL"', { signal })).stdout).toBe('C\n');
});

test("scripts find root's tools where sudo's secure_path leaves their directories out", async () => {
  const { stdout } = await shell.run(asUser(), 'echo "$PATH"', { signal });
  expect(stdout.trim().split(':')).toEqual(expect.arrayContaining(['/usr/sbin', '/sbin', '/usr/local/bin']));
});

test('a login shell like csh, which ends a quoted word at the line break, gets one line each for commands and uploads', async () => {
  loginShell('like-csh', `case $2 in *$'\\n'*) echo "Unmatched '." >&2; exit 1 ;; esac; exec /bin/bash "$@"`);
  expect((await shell.run(asUser(), 'echo here', { signal })).stdout).toBe('here\n');
  const path = join(sshd.folder, 'received');
  await upload(path);
  expect(readFileSync(path, 'utf8')).toBe(CONTENT);
});

test.each(['echo Welcome.', "printf 'no end of the line '", String.raw`printf '\033]0;a title\007'`])(
  'what the start-up files of a login shell print (%s) hinders neither commands nor uploads',
  async (prints) => {
    loginShell('chatty', `${prints}; exec /bin/bash "$@"`);
    expect((await shell.run(asUser(), 'echo here', { signal })).stdout).toBe('here\n');
    const path = join(sshd.folder, 'sent-by-a-chatty-one');
    await upload(path);
    expect(readFileSync(path, 'utf8')).toBe(CONTENT);
  },
);

test('what scripts and uploads make is readable for others whatever the umask of the login user is', async () => {
  loginShell('private', 'umask 077; exec /bin/bash "$@"');
  expect((await shell.run(asUser(), 'umask', { signal })).stdout).toBe('0022\n');
  const directory = join(sshd.folder, 'made-by-an-upload');
  await upload(join(directory, 'file'));
  expect(statSync(directory).mode & 0o777).toBe(0o755);
});

test.each<[what: string, lines: string[], message: RegExp]>([
  [
    'a cloud image that wants another user',
    [`echo 'Please login as the user "ubuntu" rather than the user "root".'`, 'exit 142'],
    /run no command \(exit code 142\): Please login as the user "ubuntu"/,
  ],
  ['an account without a shell', ['echo This account is currently not available.', 'exit 1'], /not available/],
  ['a shell that says nothing', ['exit 1'], /run no command \(exit code 1\)$/],
  ['a forced command that succeeds', ['echo Choose: 1 backup, 2 restore'], /\(exit code 0\): Choose: 1 backup/],
])('%s is a permanent failure that quotes the host', async (what, lines, message) => {
  loginShell(what.replaceAll(' ', '-'), ...lines);
  expect(await failureOf(shell.run(asUser(), 'true', { signal }))).toMatchObject({
    code: 'SSH_AUTH_FAILED',
    message: expect.stringMatching(message),
    hint: expect.stringMatching(/^set ssh.user/),
  });
});

test('what a host runs in place of an upload is not taken for one', async () => {
  loginShell('menu', 'echo Choose: 1 backup, 2 restore');
  expect(await failureOf(upload(join(sshd.folder, 'never')))).toMatchObject({
    code: 'SSH_AUTH_FAILED',
    message: expect.stringContaining('exit code 0'),
  });
});

test('a host without sudo is told to install it, or to let root log in', async () => {
  loginShell('no-sudo', 'exit 127');
  expect(await failureOf(shell.run(asUser(), 'true', { signal }))).toMatchObject({
    code: 'SUDO_DENIED',
    message: `user "${USER}" cannot use sudo (sudo is not installed)`,
    hint: 'install sudo on the host, or log in as root',
  });
});

const denial = (code: number, stderr: string) =>
  sudoDenied(hostAt({ user: 'ubuntu' }), sudoSaid(code, stderr) ?? 'nothing');

test.each<[said: string, code: number, hint: RegExp]>([
  ['sudo: a password is required', 1, /ubuntu ALL=\(ALL\) NOPASSWD: ALL/],
  ['sudo: sorry, you must have a tty to run sudo', 1, /Defaults:ubuntu !requiretty/],
  ['env: ‘sudo’: Permission denied', 126, /chmod 4755/],
  ['sudo: /usr/bin/sudo must be owned by uid 0 and have the setuid bit set', 1, /chmod 4755/],
  ['sudo: bash: command not found', 1, /install bash on the host, .*secure_path/],
  ['sudo: Account expired or PAM config lacks an "account" section for sudo', 1, /chage/],
  ['sudo: unable to resolve host vm-b: Name or service not known\nsudo: a password is required', 1, /NOPASSWD/],
])('"%s" gets a hint of its own', (said, code, hint) => {
  expect(denial(code, said)).toMatchObject({ code: 'SUDO_DENIED', hint: expect.stringMatching(hint) });
});

test('that sudo cannot resolve the name of the host is not the reason of a failure', () => {
  expect(sudoSaid(1, 'sudo: unable to resolve host vm-b: Name or service not known\n')).toBeUndefined();
});
