import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { SshHostShell } from '../../src/adapters/ssh/ssh-host-shell.js';
import { failureOf } from '../support/errors.js';
import { freePort } from '../support/loopback.js';
import { killQuietly, startSshd, type TestSshd } from '../support/sshd.js';

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

test('a host that forbids forwarding is told what to set', async () => {
  const strict = await startSshd(['AllowTcpForwarding no']);
  const error = await failureOf(shell.forward(strict.host(), '127.0.0.1', port, { signal })).finally(() =>
    strict.stop(),
  );
  expect(error.hint).toContain('AllowTcpForwarding yes');
});
