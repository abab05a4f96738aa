import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { SshHostShell } from '../../../src/adapters/ssh/ssh-host-shell.js';
import { failureOf } from '../../support/errors.js';
import { fingerprint, hostAt, newKey } from '../../support/servers/sshd.js';

// sshd decides by itself how it cuts what it sends into packets; a server of the test's own can be told to.
const folder = mkdtempSync(join(tmpdir(), 'leafspan-channel-'));
const [hostKeyFile, keyFile] = [join(folder, 'host_key'), join(folder, 'user_key')];
const { signal } = new AbortController();
const shell = new SshHostShell({
  knownHosts: { read: () => Promise.resolve(undefined), record: () => Promise.resolve() },
  agentSocket: undefined,
});
let server: TcpServer;

beforeAll(async () => {
  newKey(hostKeyFile);
  newKey(keyFile);
  server = createServer((socket) => {
    const ssh = new ssh2.Server({ hostKeys: [readFileSync(hostKeyFile)] }, (client) => {
      client.on('authentication', (request) => request.accept());
      client.on('error', () => undefined);
      client.on('session', (accept) => {
        accept().on('exec', (acceptExec) => {
          socket.cork(); // the answer to the request, the output, the exit code and the end: one packet
          const channel = acceptExec();
          channel.stderr.write('sudo: a password is required\n');
          channel.exit(1);
          channel.close();
          setImmediate(() => socket.uncork());
        });
      });
    });
    ssh.injectSocket(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(async () => {
  await shell.close();
  server.close();
  rmSync(folder, { recursive: true });
});

test('a command that has ended before its channel is handed out keeps its exit code and what it said', async () => {
  const { port } = server.address() as AddressInfo;
  const host = hostAt({ port, user: 'ops', privateKeyFile: keyFile, hostKey: fingerprint(hostKeyFile) });
  expect(await failureOf(shell.run(host, 'true', { signal }))).toMatchObject({
    code: 'SUDO_DENIED',
    message: expect.stringContaining('a password is required') as unknown,
  });
});
