import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { KnownHostsFile } from '../../../src/adapters/ssh/login/host-key.js';
import { SshHostShell } from '../../../src/adapters/ssh/ssh-host-shell.js';
import { failureOf } from '../../support/errors.js';
import { newKey, startSshd, type TestSshd } from '../../support/servers/sshd.js';

const { signal } = new AbortController();

let sshd: TestSshd;
let stranger: string;
let home: string;
beforeAll(async () => {
  sshd = await startSshd();
  home = join(sshd.folder, 'home');
  mkdirSync(join(home, '.ssh'), { recursive: true });
  newKey(join(sshd.folder, 'stranger'));
  stranger = keyIn('stranger.pub');
});
afterAll(() => sshd.stop());

const keyIn = (file: string): string => readFileSync(join(sshd.folder, file), 'utf8').split(' ', 2).join(' ').trim();
const ours = (): string => keyIn('host_key.pub');
const name = (): string => `[127.0.0.1]:${sshd.port}`;

/** Logs in as someone with these lines in known_hosts, to a host whose key the topology does not name. */
async function loggedIn(lines: readonly string[], { hashed = false, trust = false } = {}): Promise<string> {
  const file = join(home, '.ssh/known_hosts');
  writeFileSync(file, `${lines.join('\n')}\n`);
  if (hashed) execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' });
  const host = sshd.host();
  delete host.ssh.hostKey;
  const knownHosts = new KnownHostsFile(join(sshd.folder, 'none/known.json'), home);
  const shell = new SshHostShell({
    knownHosts: {
      read: () => Promise.resolve(undefined),
      record: () => Promise.resolve(),
      ofUser: (target) => knownHosts.ofUser(target),
    },
    agentSocket: undefined,
  });
  try {
    return (await shell.run(host, 'echo in', { signal, trustOnFirstUse: trust })).stdout;
  } finally {
    await shell.close();
  }
}

test.each<[what: string, lines: () => string[], options: { hashed?: boolean }]>([
  ['by its name and port', () => [`${name()} ${ours()} a comment`], {}],
  ['under a hashed name', () => [`${name()} ${ours()}`], { hashed: true }],
  ['among other names and lines', () => ['# a comment', '', `other,${name()} ${ours()}`, `other ${stranger}`], {}],
  ['beside an earlier one', () => [`${name()} ${stranger}`, `${name()} ${ours()}`], {}],
])('a key that ~/.ssh/known_hosts has %s is trusted', async (_what, lines, options) => {
  expect(await loggedIn(lines(), options)).toBe('in\n');
});

test.each<[what: string, lines: () => string[]]>([
  ['another port', () => [`127.0.0.1 ${ours()}`]],
  ['a pattern', () => [`*,!${name()} ${ours()}`]],
  ['an authority', () => [`@cert-authority ${name()} ${ours()}`]],
  ['a revoked key', () => [`${name()} ${ours()}`, `@revoked ${name()} ${ours()}`]],
  ['no host', () => ['garbage', '|1|x|y', '@revoked']],
])('known_hosts with %s says nothing of the host', async (_what, lines) => {
  expect(await failureOf(loggedIn(lines()))).toMatchObject({ code: 'SSH_HOST_KEY_UNKNOWN' });
});

test('a host for which known_hosts has another key is refused, also with --trust-on-first-use', async () => {
  const failure = await failureOf(loggedIn([`${name()} ${stranger}`], { trust: true }));
  expect(failure).toMatchObject({
    code: 'SSH_HOST_KEY_CHANGED',
    message: expect.stringMatching(/is SHA256:.*, and ~\/\.ssh\/known_hosts has another one$/),
    hint: expect.stringContaining(`ssh-keygen -R '${name()}'`),
  });
});
