import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KnownHostsFile } from '../../../src/adapters/ssh/login/host-key.js';
import { SshHostShell } from '../../../src/adapters/ssh/ssh-host-shell.js';
import type { JumpTarget } from '../../../src/contract/topology/topology.js';
import { failureOf } from '../../support/errors.js';
import { freePort } from '../../support/servers/loopback.js';
import { startSshd, type TestHost, type TestSshd } from '../../support/servers/sshd.js';

const { signal } = new AbortController();
const STRANGER = 'SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

let outer: TestSshd;
let inner: TestSshd;
let closed: TestSshd;
let target: TestSshd;
let shell: SshHostShell;
let knownHosts: string;
let counter = 0;

beforeAll(async () => {
  [outer, inner, target] = await Promise.all([startSshd(), startSshd(), startSshd()]);
  closed = await startSshd(['AllowTcpForwarding no']);
});
beforeEach(() => {
  knownHosts = join(target.folder, `known-${(counter += 1)}.json`);
  shell = new SshHostShell({ knownHosts: new KnownHostsFile(knownHosts), agentSocket: undefined });
});
afterEach(() => shell.close());
afterAll(() => Promise.all([outer, inner, closed, target].map((sshd) => sshd.stop())));

const jumpTo = (sshd: TestSshd, changes: Partial<JumpTarget> = {}): JumpTarget => ({ ...sshd.host().ssh, ...changes });

const behind = (...jump: JumpTarget[]): TestHost => target.host({ jump });

const run = async (host: TestHost, trustOnFirstUse = false): Promise<string> =>
  (await shell.run(host, 'echo in', { signal, trustOnFirstUse })).stdout;

test('a host behind two jump hosts is reached through both', async () => {
  expect(await run(behind(jumpTo(outer), jumpTo(inner)))).toBe('in\n');
  expect([outer, inner, target].map((sshd) => sshd.connections().length)).toEqual([1, 1, 1]);
});

test('the API server of a host behind a jump host is reached too', async () => {
  const host = behind(jumpTo(outer));
  const stream = await shell.forward(host, '127.0.0.1', target.port, { signal });
  const [greeting] = (await stream.take(1).toArray()) as Buffer[];
  expect(greeting?.toString()).toMatch(/^SSH-2\.0/);
  stream.destroy();
});

test('hosts behind one jump host share the connection to it', async () => {
  const hosts = [target.host({ jump: [jumpTo(outer)] }), inner.host({ jump: [jumpTo(outer)] })];
  expect(await Promise.all(hosts.map((host) => run(host)))).toEqual(['in\n', 'in\n']);
  expect(outer.connections()).toHaveLength(1);
});

test('more hosts than logins at once get through a jump host that is not connected yet', async () => {
  await shell.close();
  shell = new SshHostShell({
    knownHosts: new KnownHostsFile(knownHosts),
    agentSocket: undefined,
    limits: { logins: 1, transfers: 1 },
  });
  const hosts = [behind(jumpTo(outer), jumpTo(inner)), inner.host({ jump: [jumpTo(outer)] }), target.host()];
  expect(await Promise.all(hosts.map((host) => run(host)))).toEqual(['in\n', 'in\n', 'in\n']);
});

test('a jump host with another key than the pinned one is refused, with the field to correct', async () => {
  const error = await failureOf(run(behind(jumpTo(outer), jumpTo(inner, { hostKey: STRANGER })), true));
  expect(error).toMatchObject({ code: 'SSH_HOST_KEY_CHANGED', where: { host: 'hub-1', cluster: 'hub' } });
  expect(error.message).toBe(
    `the host key of jump host 127.0.0.1:${inner.port} is ${inner.hostKey}, not the known ${STRANGER}`,
  );
  expect(error.hint).toContain('ssh.jump[1].hostKey in the topology');
  expect(target.connections()).toEqual([]);
});

test('a host key is verified behind jump hosts as well', async () => {
  const error = await failureOf(run(target.host({ hostKey: STRANGER, jump: [jumpTo(outer)] }), true));
  expect(error).toMatchObject({ code: 'SSH_HOST_KEY_CHANGED', message: expect.stringContaining(target.hostKey) });
});

function unpinned(sshd: TestSshd): JumpTarget {
  const jump = jumpTo(sshd);
  delete jump.hostKey;
  return jump;
}

test('unknown jump hosts are trusted on first use only, each with the way to it', async () => {
  const host = behind(unpinned(outer), unpinned(inner));
  delete host.ssh.hostKey;
  const error = await failureOf(run(host));
  expect(error).toMatchObject({ code: 'SSH_HOST_KEY_UNKNOWN', message: expect.stringContaining(outer.hostKey) });
  expect(await run(host, true)).toBe('in\n');
  expect(JSON.parse(readFileSync(knownHosts, 'utf8'))).toEqual({
    [`127.0.0.1:${outer.port}`]: outer.hostKey,
    [`127.0.0.1:${inner.port} via 127.0.0.1:${outer.port}`]: inner.hostKey,
    [`127.0.0.1:${target.port} via 127.0.0.1:${inner.port}`]: target.hostKey,
  });
  expect(await run(host)).toBe('in\n');
});

test('a jump host that refuses the login is told as such', async () => {
  const error = await failureOf(run(behind(jumpTo(outer, { user: 'nosuchuser' }))));
  expect(error.code).toBe('SSH_AUTH_FAILED');
  expect(error.message).toMatch(/^jump host 127\.0\.0\.1:\d+ refused user "nosuchuser" with /);
});

test('a host that refuses the login gets a command that goes through the jump host', async () => {
  const error = await failureOf(run(target.host({ user: 'nosuchuser', jump: [jumpTo(outer)] })));
  expect(error.hint).toContain(
    `ssh-copy-id -i ${target.keyFile} -o ProxyJump=root@127.0.0.1:${outer.port} -p ${target.port} nosuchuser@127.0.0.1`,
  );
});

test('a jump host that forbids forwarding is told what to set', async () => {
  const error = await failureOf(run(behind(jumpTo(closed))));
  expect(error).toMatchObject({
    code: 'SSH_FORWARDING_FORBIDDEN',
    message: `jump host 127.0.0.1:${closed.port} forbids forwarding, by which leafspan reaches the host behind it`,
    hint: expect.stringContaining('AllowTcpForwarding yes'),
  });
});

test('a host that does not listen behind the jump host is told with both', async () => {
  const port = await freePort();
  const error = await failureOf(run(target.host({ port, jump: [jumpTo(outer)] })));
  expect(error).toMatchObject({
    code: 'SSH_UNREACHABLE',
    message: expect.stringContaining(`jump host 127.0.0.1:${outer.port} cannot connect to 127.0.0.1:${port}`),
  });
});

test('a connection that its jump host loses is made again', async () => {
  const host = behind(jumpTo(outer));
  expect(await run(host)).toBe('in\n');
  for (const pid of outer.connections()) process.kill(pid, 'SIGKILL');
  const again = await run(host).catch(() => run(host));
  expect(again).toBe('in\n');
});
