import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { KnownHostsFile } from '../../../src/adapters/ssh/login/host-key.js';
import { SshHostShell } from '../../../src/adapters/ssh/ssh-host-shell.js';
import type { Host } from '../../../src/contract/topology/topology.js';
import { failureOf } from '../../support/errors.js';
import { freePort } from '../../support/servers/loopback.js';
import { startAgent } from '../../support/servers/ssh-agent.js';
import { fingerprint, hostAt, newKey, startSshd, type TestSshd } from '../../support/servers/sshd.js';

const { signal } = new AbortController();
const STRANGER = 'SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

let sshd: TestSshd;
let passwordOnly: TestSshd;
let counter = 0;

beforeAll(async () => {
  sshd = await startSshd();
  passwordOnly = await startSshd(['PubkeyAuthentication no']);
});

afterAll(async () => {
  await sshd.stop();
  await passwordOnly.stop();
});

const knownHostsPath = (): string => join(sshd.folder, `known-${(counter += 1)}`, 'hosts.json');

async function connectOnce(
  host: Host,
  { trust = false, path = knownHostsPath(), agentSocket = undefined as string | undefined } = {},
): Promise<string> {
  const shell = new SshHostShell({ knownHosts: new KnownHostsFile(path), agentSocket });
  try {
    return (await shell.run(host, 'echo in', { signal, trustOnFirstUse: trust })).stdout;
  } finally {
    await shell.close();
  }
}

/** A host whose key the topology does not name. */
function unpinned(ssh: Partial<Host['ssh']> = {}): Host {
  const host = sshd.host(ssh);
  delete host.ssh.hostKey;
  return host;
}

test('a host with the named key is let in', async () => {
  expect(await connectOnce(sshd.host())).toBe('in\n');
});

test('a host with another key than the named one is refused, with both keys', async () => {
  const error = await failureOf(connectOnce(sshd.host({ hostKey: STRANGER }), { trust: true }));
  expect(error).toMatchObject({ code: 'SSH_HOST_KEY_CHANGED', where: { host: 'hub-1', cluster: 'hub' } });
  expect(error.message).toContain(STRANGER);
  expect(error.message).toContain(sshd.hostKey);
});

test('a key that is named later is compared too, although a connection is open', async () => {
  const shell = new SshHostShell({ knownHosts: new KnownHostsFile(knownHostsPath()), agentSocket: undefined });
  try {
    await shell.run(sshd.host(), 'true', { signal });
    const error = await failureOf(shell.run(sshd.host({ hostKey: STRANGER }), 'true', { signal }));
    expect(error).toMatchObject({ code: 'SSH_HOST_KEY_CHANGED' });
  } finally {
    await shell.close();
  }
});

test('a named key of another type than the one that the server prefers is asked for', async () => {
  const rsaKey = join(sshd.folder, 'rsa_key');
  newKey(rsaKey, 'rsa');
  const both = await startSshd([`HostKey ${rsaKey}`]);
  const output = await connectOnce(both.host({ hostKey: fingerprint(rsaKey) })).finally(() => both.stop());
  expect(output).toBe('in\n');
});

test('an unknown host is refused with its key and what to do', async () => {
  const error = await failureOf(connectOnce(unpinned()));
  expect(error.code).toBe('SSH_HOST_KEY_UNKNOWN');
  expect(error.message).toContain(sshd.hostKey);
  expect(error.hint).toMatch(/ssh\.hostKey in the topology.*--trust-on-first-use/);
});

test('an unknown host is trusted on first use, and then known', async () => {
  const path = knownHostsPath();
  expect(await connectOnce(unpinned(), { trust: true, path })).toBe('in\n');
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ [`127.0.0.1:${sshd.port}`]: sshd.hostKey });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(await connectOnce(unpinned(), { path })).toBe('in\n');
});

test('a host that changed its key is refused, trust or not', async () => {
  const path = knownHostsPath();
  await new KnownHostsFile(path).record(sshd.host().ssh, STRANGER);
  expect((await failureOf(connectOnce(unpinned(), { path, trust: true }))).code).toBe('SSH_HOST_KEY_CHANGED');
});

test('host keys that are recorded at once are all kept', async () => {
  const path = knownHostsPath();
  const file = new KnownHostsFile(path);
  await Promise.all([1, 2, 3, 4].map((port) => file.record({ address: 'a', port, user: 'u' }, `SHA256:${port}`)));
  expect(Object.keys(JSON.parse(readFileSync(path, 'utf8')) as object)).toHaveLength(4);
});

const copyPublicKey = (path: string): void => writeFileSync(path, readFileSync(`${sshd.keyFile}.pub`), { mode: 0o600 });

test.each<[fault: string, prepare: (path: string) => void, message: RegExp, hint: RegExp]>([
  ['is not there', () => undefined, /does not exist/, /ssh\.privateKeyFile/],
  ['is open to others', (path) => (newKey(path), chmodSync(path, 0o644)), /mode 0644/, /chmod 600/],
  ['has a passphrase', (path) => newKey(path, 'ed25519', 'secret word'), /has a passphrase/, /ssh-add/],
  ['is not a key', (path) => writeFileSync(path, 'hello', { mode: 0o600 }), /cannot be used/, /not the \.pub/],
  ['is a public key', (path) => copyPublicKey(path), /is a public key/, /not the \.pub/],
  [
    'is a public key that is open to others',
    (path) => (copyPublicKey(path), chmodSync(path, 0o644)),
    /is a public key/,
    /not the \.pub/,
  ],
])('a key file that %s is refused before the host is asked, with a hint', async (_fault, prepare, message, hint) => {
  const path = join(sshd.folder, `key-${(counter += 1)}`);
  prepare(path);
  const error = await failureOf(connectOnce(sshd.host({ privateKeyFile: path, port: 1 })));
  expect(error.code).toBe('SSH_KEY_UNREADABLE');
  expect(error.message).toMatch(message);
  expect(error.message).toContain(path);
  expect(error.hint).toMatch(hint);
});

test('without key file and agent there is nothing to log in with', async () => {
  const host = sshd.host();
  delete host.ssh.privateKeyFile;
  expect((await failureOf(connectOnce(host))).code).toBe('SSH_KEY_UNREADABLE');
});

test('the agent is asked when no key file is named', async () => {
  const agent = await startAgent(join(sshd.folder, 'agent'));
  agent.add(sshd.keyFile);
  const host = sshd.host();
  delete host.ssh.privateKeyFile;
  expect(await connectOnce(host, { agentSocket: agent.socket })).toBe('in\n');
  agent.stop();
});

test('an agent that is not there is named', async () => {
  const host = sshd.host();
  delete host.ssh.privateKeyFile;
  const error = await failureOf(connectOnce(host, { agentSocket: join(sshd.folder, 'nobody') }));
  expect(error.code).toBe('SSH_KEY_UNREADABLE');
  expect(error.message).toContain('agent');
});

test('a refused key is told with the command that installs it', async () => {
  const keyFile = join(sshd.folder, 'unknown_key');
  newKey(keyFile);
  const error = await failureOf(connectOnce(sshd.host({ privateKeyFile: keyFile })));
  expect(error.code).toBe('SSH_AUTH_FAILED');
  expect(error.hint).toContain(`ssh-copy-id -i ${keyFile} -p ${sshd.port} root@127.0.0.1`);
});

test('a host that takes passwords only is told that leafspan uses keys', async () => {
  const host = passwordOnly.host();
  const error = await failureOf(connectOnce(host));
  expect(error.code).toBe('SSH_AUTH_FAILED');
  expect(error.message).toContain('accepts no keys, only: password');
});

test('a closed port is told at once', async () => {
  const port = await freePort();
  const error = await failureOf(connectOnce(hostAt({ port, privateKeyFile: sshd.keyFile })));
  expect(error).toMatchObject({ code: 'SSH_UNREACHABLE' });
  expect(error.message).toContain(`127.0.0.1:${port}`);
  expect(error.message).toContain('ECONNREFUSED');
});

test('a port that answers nothing is given up after ten seconds', async () => {
  const port = await freePort();
  const silent = createServer().listen(port, '127.0.0.1');
  const error = await failureOf(connectOnce(hostAt({ port, privateKeyFile: sshd.keyFile })));
  expect(error).toMatchObject({
    code: 'SSH_UNREACHABLE',
    message: `no SSH response on 127.0.0.1:${port} within 10 s`,
  });
  silent.close();
}, 20_000);

test('a caller who gives up does not wait for the connection', async () => {
  const port = await freePort();
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket)).listen(port, '127.0.0.1');
  const shell = new SshHostShell({ knownHosts: new KnownHostsFile(knownHostsPath()), agentSocket: undefined });
  const host = hostAt({ port, privateKeyFile: sshd.keyFile });
  await expect(shell.run(host, 'true', { signal: AbortSignal.timeout(500) })).rejects.toThrow('timeout');
  expect(sockets.map((socket) => socket.closed)).toEqual([false]); // it is still being made
  for (const socket of sockets) socket.destroy();
  await shell.close();
  silent.close();
});
