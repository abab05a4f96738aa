import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SshHostShell } from '../../../src/adapters/ssh/ssh-host-shell.js';
import { failureOf } from '../../support/errors.js';
import { startSshd, type TestSshd } from '../../support/servers/sshd.js';

const knownHosts = { read: () => Promise.resolve(undefined), record: () => Promise.resolve() };
const { signal } = new AbortController();

let sshd: TestSshd;
let shell: SshHostShell;

beforeAll(async () => {
  sshd = await startSshd();
  shell = new SshHostShell({ knownHosts, agentSocket: undefined });
});

afterAll(async () => {
  await shell.close();
  await sshd.stop();
});

/** What scripts print that one attempt asks for at the same moment. */
async function looks(...scripts: string[]): Promise<string[]> {
  const host = sshd.host();
  const results = await Promise.all(scripts.map((script) => shell.run(host, script, { signal, look: true })));
  return results.map(({ stdout }) => stdout);
}

/** Number of the shell that runs it; a subshell has that of its parent. */
const SHELL = 'echo $$';

test('looks that are asked for together run as one command', async () => {
  const shells = await looks(SHELL, SHELL, SHELL);
  expect(new Set(shells).size).toBe(1);
  expect(await looks(SHELL)).not.toEqual(shells.slice(0, 1));
});

test('each look prints what it prints by itself', async () => {
  const scripts = [
    '\nline() { printf "no end"; }; line',
    'exit 0',
    'type line >/dev/null 2>&1 || echo "no function of another look"',
    `cat <<'END'\n\nleafspan-0123456789abcdef 0\n\nEND\n`,
    'cat; echo "no input"',
    '# a comment\ntrue # at the end',
  ];
  const alone = [];
  for (const script of scripts) alone.push(...(await looks(script)));
  expect(await looks(...scripts)).toEqual(alone);
});

test('a look that fails reports what it reports by itself, and the others succeed', async () => {
  const host = sshd.host();
  const run = (script: string) => shell.run(host, script, { signal, look: true });
  const failing = 'echo "no such file" >&2; exit 3';
  const [before, failure, after] = await Promise.all([run('echo before'), failureOf(run(failing)), run('echo after')]);
  expect([before.stdout, after.stdout]).toEqual(['before\n', 'after\n']);
  expect(failure).toMatchObject({
    code: 'COMMAND_FAILED',
    message: `exit code 3 from: ${failing}`,
    output: 'no such file',
  });
});

test('a look may end with an exit code that is no failure', async () => {
  const options = { signal, look: true, okCodes: [1] } as const;
  const host = sshd.host();
  const results = await Promise.all([`${SHELL}; exit 1`, SHELL].map((script) => shell.run(host, script, options)));
  expect(results.map(({ code }) => code)).toEqual([1, 0]);
  expect(results[0]?.stdout).toBe(results[1]?.stdout);
});

test('a look that kills its shell takes no other with it', async () => {
  const host = sshd.host();
  const run = (script: string) => shell.run(host, script, { signal, look: true });
  const [failure, other] = await Promise.all([failureOf(run('kill -KILL $$; sleep 5')), run('echo other')]);
  expect(failure.code).toBe('COMMAND_FAILED');
  expect(other.stdout).toBe('other\n');
});

test('looks of two attempts stay apart: cancelling one leaves the other', async () => {
  const cancel = new AbortController();
  const host = sshd.host();
  const cancelled = shell.run(host, 'sleep 30', { signal: cancel.signal, look: true });
  const other = shell.run(host, 'sleep 0.5; echo other', { signal, look: true });
  setTimeout(() => cancel.abort(new Error('cancelled by the test')), 200);
  await expect(cancelled).rejects.toThrow('cancelled by the test');
  expect((await other).stdout).toBe('other\n');
});
