import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { hostConfig, type HostConfig } from '../../../src/adapters/ssh/config/host-config.js';
import { SshHostShell } from '../../../src/adapters/ssh/ssh-host-shell.js';
import type { SshTarget } from '../../../src/contract/topology/topology.js';
import { failureOf } from '../../support/errors.js';
import { hostAt, startSshd, type TestSshd } from '../../support/servers/sshd.js';

const { signal } = new AbortController();
const localUser = userInfo().username;
let gate: TestSshd;
let target: TestSshd;
let home: string;
let shell: SshHostShell;

beforeAll(async () => {
  [gate, target] = await Promise.all([startSshd(), startSshd()]);
});
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'leafspan-home-'));
  const knownHosts = { read: () => Promise.resolve(undefined), record: () => Promise.resolve() };
  shell = new SshHostShell({ knownHosts, agentSocket: undefined, home });
});
afterEach(async () => {
  await shell.close();
  rmSync(home, { recursive: true, force: true });
});
afterAll(() => Promise.all([gate.stop(), target.stop()]));

function write(text: string, name = 'config'): void {
  const path = join(home, '.ssh', name);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, text, { mode: 0o600 });
}

const installKey = (sshd: TestSshd, name: string): void => {
  mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 });
  cpSync(sshd.keyFile, join(home, '.ssh', name));
};

const configOf = (alias: string, user?: string): Promise<HostConfig> => hostConfig({ home, alias, user, localUser });

/** What OpenSSH makes of the same file. */
function openSsh(alias: string): Record<string, string> {
  const printed = execFileSync('ssh', ['-G', '-F', join(home, '.ssh', 'config'), alias], { encoding: 'utf8' });
  return Object.fromEntries(
    printed
      .trim()
      .split('\n')
      .map((line): [string, string] => [line.split(' ', 1)[0] ?? '', line.slice(line.indexOf(' ') + 1)]),
  );
}

const CONFIG = `
# a comment
Host edge-* !edge-9
  HostName %h.example.net
  User = ops
  Port 2222
Host "quoted one" gate
  HostName 192.0.2.1
  ProxyJump none
host=lower
  hostname 192.0.2.2
  port=23
Match originalhost matched user ${localUser}
  Port 24
Match host 192.0.2.1,192.0.2.7 !user other
  User by-address
Host *
  User fallback
  Port 9999
  IdentitiesOnly yes
  ProxyJump jumper@gate.example.net:2200,[2001:db8::1]:22
`;

test.each(['edge-1', 'edge-9', 'gate', 'lower', 'matched', 'other.example.net'])(
  'the file says the same of %s to leafspan and to OpenSSH',
  async (alias) => {
    write(CONFIG);
    const { hostname, user, port, proxyjump = 'none' } = openSsh(alias);
    const config = await configOf(alias);
    const jump = (config.jump ?? []).map(({ user: by, address, port: at }) =>
      [by === undefined ? '' : `${by}@`, address.includes(':') ? `[${address}]` : address, `:${at ?? 22}`].join(''),
    );
    expect({ hostname: config.hostName, user: config.user, port: String(config.port) }).toEqual({
      hostname,
      user,
      port,
    });
    expect(jump.length === 0 ? 'none' : jump.join(',')).toBe(proxyjump);
  },
);

test('included files count where they are included, and within their section only', async () => {
  write('Include conf.d/*.conf missing\nHost a\n  Include ~/.ssh/only-a\nHost *\n  User last\n');
  write('Host a b\n  HostName 192.0.2.5\n', 'conf.d/10.conf');
  write('Host b\n  HostName 192.0.2.6\n', 'conf.d/20.conf');
  write('Port 26\n', 'only-a');
  expect(await configOf('a')).toMatchObject({ hostName: '192.0.2.5', port: 26, user: 'last' });
  expect(await configOf('b')).toEqual(expect.not.objectContaining({ port: 26 }));
});

test('key files are gathered, with the home directory and tokens filled in', async () => {
  write('Host a\n  IdentityFile ~/.ssh/%r_at_%n\n  IdentityAgent none\nHost *\n  IdentityFile "%d/a key"\n');
  expect(await configOf('a', 'ops')).toMatchObject({
    identityFiles: [join(home, '.ssh', 'ops_at_a'), join(home, 'a key')],
    identityAgent: 'none',
  });
});

test('what would need more than reading is left out and named', async () => {
  write('Include */x\nMatch exec "exit 1"\n  Port 25\nHost a\n  HostName 127.0.0.1\n');
  expect(await configOf('a')).toMatchObject({ skipped: ['Include */x', 'Match exec'] });
  write('Match exec "true"\n  Port 25\nHost a\n  HostName 127.0.0.1\n  Port 1\n  IdentityFile ' + target.keyFile);
  const error = await failureOf(run({ address: 'a' }));
  expect(error.hint).toContain('leafspan leaves these of ~/.ssh/config out: Match exec');
});

test.each<[what: string, text: string, message: RegExp]>([
  ['an unfinished quote', 'Host "a\n', /config cannot be read/],
  ['a port that is none', 'Port ssh\n', /"Port ssh" of ~\/\.ssh\/config cannot be used/],
  ['a jump host without a name', 'ProxyJump ops@:22\n', /"ProxyJump ops@:22"/],
  ['a file that includes itself', 'Include config\n', /nested more than 16 times/],
])('%s in the file is told', async (_what, text, message) => {
  write(text);
  expect((await failureOf(configOf('a'))).message).toMatch(message);
});

/** A host of which the topology says no more than this. */
const bare = (ssh: SshTarget) => ({ ...hostAt({}), ssh });

const run = async (ssh: SshTarget): Promise<string> =>
  (await shell.run(bare(ssh), 'id -un', { signal, trustOnFirstUse: true })).stdout;

test('an alias is reached as the file says: address, port, user, key and jump host', async () => {
  write(
    `Host plant\n  HostName 127.0.0.1\n  Port ${target.port}\n  User root\n  IdentityFile ${target.keyFile}\n  ProxyJump gate\n` +
      `Host gate\n  HostName 127.0.0.1\n  Port ${gate.port}\n  User root\n  IdentityFile ${gate.keyFile}\n`,
  );
  expect(await run({ address: 'plant' })).toBe('root\n');
  expect(gate.connections()).toHaveLength(1);
});

test('the values of the topology win', async () => {
  write('Host 127.0.0.1\n  Port 1\n  User nosuchuser\n  IdentityFile ~/.ssh/nothing\n  ProxyJump nowhere.invalid\n');
  const { port, keyFile } = target;
  const jump = [{ ...gate.host().ssh, address: 'localhost' }];
  expect(await run({ address: '127.0.0.1', port, user: 'root', privateKeyFile: keyFile, jump })).toBe('root\n');
});

test('a ProxyCommand is named as what leafspan does not run', async () => {
  write('Host plant\n  ProxyCommand nc %h %p\n');
  expect(await failureOf(run({ address: 'plant' }))).toMatchObject({
    code: 'SSH_UNREACHABLE',
    message: '~/.ssh/config reaches plant by ProxyCommand, which leafspan does not run',
    hint: 'use ProxyJump there, or set ssh.jump in the topology',
  });
});

test('a jump host that leads to itself is told', async () => {
  write('Host *\n  ProxyJump gate\n');
  const error = await failureOf(run({ address: 'plant' }));
  expect(error.message).toMatch(/leads through jump host gate:22 and back to it/);
});

test.each(['id_ed25519', 'id_ecdsa', 'id_rsa'])('without a key file and an agent, ~/.ssh/%s is tried', async (name) => {
  installKey(target, name);
  expect(await run({ address: '127.0.0.1', port: target.port, user: 'root' })).toBe('root\n');
});

test('the next default key is tried when the host refuses the first', async () => {
  installKey(gate, 'id_ed25519');
  installKey(target, 'id_rsa');
  expect(await run({ address: '127.0.0.1', port: target.port, user: 'root' })).toBe('root\n');
});

test('without any key the message says where one was looked for', async () => {
  expect(await failureOf(run({ address: '127.0.0.1', port: target.port }))).toMatchObject({
    code: 'SSH_KEY_UNREADABLE',
    message:
      'no key to log in with: the topology names no key file, no SSH agent runs, and ~/.ssh has no id_ed25519, id_ecdsa or id_rsa',
  });
});
