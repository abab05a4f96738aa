import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { SshHostShell } from '../../../src/adapters/ssh/ssh-host-shell.js';
import { failureOf } from '../../support/errors.js';
import { freePort } from '../../support/servers/loopback.js';
import { killQuietly, startSshd, type TestSshd } from '../../support/servers/sshd.js';

const knownHosts = { read: () => Promise.resolve(undefined), record: () => Promise.resolve() };
const { signal } = new AbortController();

let sshd: TestSshd;
let shell: SshHostShell;
let echo: Server;
let port: number;

beforeAll(async () => {
  sshd = await startSshd();
  shell = new SshHostShell({ knownHosts, agentSocket: undefined });
  echo = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => undefined).pipe(socket)).listen(
    0,
    '127.0.0.1',
  );
  await once(echo, 'listening');
  port = (echo.address() as AddressInfo).port;
});

afterAll(async () => {
  await shell.close();
  await sshd.stop();
  echo.close();
});

async function answerOf(through: number, text: string): Promise<string> {
  const socket = connect(through, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.end(text);
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
  // events.once would reject on the reset that a refused connection may end with.
  await new Promise((resolve) => socket.once('close', resolve));
  return answer;
}

test('many connections go through one tunnel', async () => {
  const tunnel = await shell.tunnel(sshd.host(), '127.0.0.1', port, { signal });
  const texts = Array.from({ length: 20 }, (_, index) => `message ${index}`);
  expect(await Promise.all(texts.map((text) => answerOf(tunnel.port, text)))).toEqual(texts);
  await tunnel.close();
});

test('a tunnel outlives a connection that dropped', async () => {
  const tunnel = await shell.tunnel(sshd.host(), '127.0.0.1', port, { signal });
  sshd.connections().forEach(killQuietly);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await answerOf(tunnel.port, 'again')).toBe('again');
  await tunnel.close();
});

test('a closed tunnel takes nobody in', async () => {
  const tunnel = await shell.tunnel(sshd.host(), '127.0.0.1', port, { signal });
  await tunnel.close();
  await expect(once(connect(tunnel.port, '127.0.0.1'), 'connect')).rejects.toThrow('ECONNREFUSED');
});

test('a connection to a port where nothing listens is closed', async () => {
  const tunnel = await shell.tunnel(sshd.host(), '127.0.0.1', await freePort(), { signal });
  expect(await answerOf(tunnel.port, 'hello')).toBe('');
  await tunnel.close();
});

test('a stream to a port where nothing listens is an error that says so', async () => {
  const closed = await freePort();
  const error = await failureOf(shell.forward(sshd.host(), '127.0.0.1', closed, { signal }));
  expect(error.code).toBe('COMMAND_FAILED');
  expect(error.message).toContain(`127.0.0.1:${closed}`);
});

describe('a host that forbids forwarding', () => {
  let strict: TestSshd;
  beforeAll(async () => {
    strict = await startSshd(['AllowTcpForwarding no']);
  });
  afterAll(() => strict.stop());

  test.each([
    ['a stream', () => shell.forward(strict.host(), '127.0.0.1', port, { signal })],
    ['the check of it', () => shell.checkForwarding(strict.host(), { signal })],
  ])('is told what to set by %s', async (_what, call) => {
    const error = await failureOf(call());
    expect(error.code).toBe('SSH_FORWARDING_FORBIDDEN');
    expect(error.hint).toContain('AllowTcpForwarding yes');
  });

  test('gets a new connection for the next call, since the old one keeps the setting', async () => {
    await failureOf(shell.forward(strict.host(), '127.0.0.1', port, { signal }));
    const before = strict.connections();
    await shell.run(strict.host(), 'true', { signal });
    expect(before).not.toEqual(expect.arrayContaining(strict.connections()));
  });
});

test('a host that forwards passes the check, whether or not an API server listens', async () => {
  await expect(shell.checkForwarding(sshd.host(), { signal })).resolves.toBeUndefined();
});

test('commands wait for each other on a host that takes few of them at once', async () => {
  const narrow = await startSshd(['MaxSessions 2']);
  const calls = Array.from({ length: 6 }, (_, index) =>
    shell.run(narrow.host(), `sleep 0.2; echo ${index}`, { signal }),
  );
  const printed = (await Promise.all(calls).finally(() => narrow.stop())).map(({ stdout }) => Number(stdout));
  expect(printed).toEqual([0, 1, 2, 3, 4, 5]);
});
