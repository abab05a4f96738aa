import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { SshHostShell } from '../../../src/adapters/ssh/ssh-host-shell.js';
import type { Host } from '../../../src/contract/topology/topology.js';
import { failureOf } from '../../support/errors.js';
import { addUser, killQuietly, startSshd, type TestSshd } from '../../support/servers/sshd.js';

const SUDO_USER = 'lsp-test-sudo';
const PLAIN_USER = 'lsp-test-plain';
const knownHosts = { read: () => Promise.resolve(undefined), record: () => Promise.resolve() };
const { signal } = new AbortController();
setMaxListeners(0, signal); // thirty calls at once share it

let sshd: TestSshd;
let shell: SshHostShell;
const removals: (() => void)[] = [];

beforeAll(async () => {
  removals.push(addUser(SUDO_USER, true), addUser(PLAIN_USER, false));
  sshd = await startSshd();
  shell = new SshHostShell({ knownHosts, agentSocket: undefined });
});

afterAll(async () => {
  await shell.close();
  await sshd.stop();
  for (const remove of removals) remove();
});

const running = (pattern: string): boolean => spawnSync('pgrep', ['-f', pattern]).status === 0;

async function gone(pattern: string): Promise<boolean> {
  for (let tries = 0; tries < 40 && running(pattern); tries++) await sleep(100);
  return !running(pattern);
}

describe.each([
  ['root', 'root'],
  ['a user with sudo', SUDO_USER],
])('as %s', (_name, user) => {
  let host: Host;
  beforeAll(() => {
    host = sshd.host({ user });
  });

  test('runs as root and hands out what the script printed, and no more', async () => {
    const result = await shell.run(host, 'id -u; echo error >&2', { signal });
    expect(result).toEqual({ code: 0, stdout: '0\n', stderr: 'error\n' });
  });

  test('a command cannot swallow the rest of the script', async () => {
    const { stdout } = await shell.run(host, 'cat\nread -r line || echo "no input"\necho end', { signal });
    expect(stdout).toBe('no input\nend\n');
  });

  test('cancelling kills the remote process group', async () => {
    const cancel = new AbortController();
    const seconds = `7${user.length}1`;
    const call = shell.run(host, `sleep ${seconds} & sleep ${seconds}`, { signal: cancel.signal });
    setTimeout(() => cancel.abort(new Error('cancelled by the test')), 600);
    await expect(call).rejects.toThrow('cancelled by the test');
    expect(await gone(`sleep ${seconds}`)).toBe(true);
  });

  test('a script that ignores TERM is killed', async () => {
    const call = shell.run(host, `trap '' TERM; while true; do sleep 0.05; done # stubborn ${user}`, {
      signal,
      timeoutMs: 300,
    });
    expect(await failureOf(call)).toMatchObject({ code: 'COMMAND_FAILED', where: { host: 'hub-1', cluster: 'hub' } });
  });
});

test('a script may hold here-documents, quotes, and UTF-8 across packets', async () => {
  const text = 'ä€😀'.repeat(20_000);
  const { stdout } = await shell.run(sshd.host(), `cat <<'END'\n${text}\n"$HOME" 'x'\nEND`, { signal });
  expect(stdout).toBe(`${text}\n"$HOME" 'x'\n`);
});

test('an empty script is no failure', async () => {
  expect((await shell.run(sshd.host(), '', { signal })).code).toBe(0);
});

test('the exit code is that of the last command, and a failure before it passes', async () => {
  const { code, stdout } = await shell.run(sshd.host(), 'false\n[ -e /nowhere ] && echo yes\necho end', { signal });
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'end\n' });
});

test('with failFast the first failure ends the script', async () => {
  const call = shell.run(sshd.host(), 'ls /nowhere\necho end', { signal, failFast: true });
  expect(await failureOf(call)).toMatchObject({ code: 'COMMAND_FAILED' });
});

test.each([
  ['an unset variable', 'echo "$unheard_of"; true'],
  ['a failure inside a pipe', 'false | cat'],
  ['a syntax error', 'if true; then'],
])('%s fails the script', async (_name, script) => {
  expect((await failureOf(shell.run(sshd.host(), script, { signal }))).code).toBe('COMMAND_FAILED');
});

test('a failure names exit code and first line, and keeps the last lines of the error output without secrets', async () => {
  const script = `
    # a comment
    echo begin
    for i in $(seq 50); do echo "line $i" >&2; done
    echo 'K3S_TOKEN=K10abc::server:def' >&2
    printf -- '-----BEGIN EC PRIVATE KEY-----\\nMHcCAQEE\\n-----END EC PRIVATE KEY-----\\n' >&2
    exit 3`;
  const error = await failureOf(shell.run(sshd.host(), script, { signal }));
  expect(error).toMatchObject({ code: 'COMMAND_FAILED', message: 'exit code 3 from: echo begin' });
  expect(error.output?.split('\n')).toHaveLength(20);
  expect(error.output).toContain('line 50\nK3S_TOKEN=[redacted]\n[redacted]');
  expect(error.output).not.toMatch(/K10abc|MHcCAQEE/);
});

test('exit codes that are declared fine are handed out', async () => {
  expect((await shell.run(sshd.host(), 'exit 42', { signal, okCodes: [41, 42] })).code).toBe(42);
});

test('a script that ends by a signal fails', async () => {
  const error = await failureOf(shell.run(sshd.host(), 'kill -KILL $$', { signal }));
  expect(error).toMatchObject({ code: 'COMMAND_FAILED', message: 'killed by SIGKILL from: kill -KILL $$' });
});

test('more output than can be kept fails the script', async () => {
  const error = await failureOf(shell.run(sshd.host(), 'yes leafspan', { signal }));
  expect(error.message).toBe('more than 4 MB of output from: yes leafspan');
});

test('what the login shell prints at its start is not taken for output', async () => {
  await shell.run(sshd.host(), `echo 'echo welcome' > /home/${SUDO_USER}/.bashrc`, { signal });
  const { stdout } = await shell.run(sshd.host({ user: SUDO_USER }), 'echo only this', { signal });
  expect(stdout).toBe('only this\n');
});

test('a user without the right to sudo is told the line to add', async () => {
  const error = await failureOf(shell.run(sshd.host({ user: PLAIN_USER }), 'true', { signal }));
  expect(error).toMatchObject({ code: 'SUDO_DENIED' });
  expect(error.message).toContain('password is required');
  expect(error.hint).toContain(`${PLAIN_USER} ALL=(ALL) NOPASSWD: ALL`);
});

test('a connection that drops in the middle is an error, and the next call connects anew', async () => {
  await shell.run(sshd.host(), 'true', { signal });
  const call = shell.run(sshd.host(), 'sleep 2', { signal });
  setTimeout(() => sshd.connections().forEach(killQuietly), 300);
  expect(await failureOf(call)).toMatchObject({ code: 'SSH_CONNECTION_LOST' });
  expect((await shell.run(sshd.host(), 'echo back', { signal })).stdout).toBe('back\n');
});

test('many first calls at once share one connection', async () => {
  const fresh = new SshHostShell({ knownHosts, agentSocket: undefined });
  const before = sshd.connections().length;
  const results = await Promise.all(
    Array.from({ length: 30 }, (_, index) => fresh.run(sshd.host(), `sleep 0.1; echo ${index}`, { signal })),
  );
  expect(results.map(({ stdout }) => Number(stdout))).toEqual(Array.from({ length: 30 }, (_, index) => index));
  expect(sshd.connections().length - before).toBe(1);
  await fresh.close();
});
