import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { LocalFile } from '../../../src/parts/ports.js';
import { SshHostShell } from '../../../src/adapters/ssh/ssh-host-shell.js';
import { failureOf } from '../../support/errors.js';
import { hostAt, startSshd, type TestSshd } from '../../support/servers/sshd.js';

const knownHosts = { read: () => Promise.resolve(undefined), record: () => Promise.resolve() };
const { signal } = new AbortController();

let sshd: TestSshd;
let shell: SshHostShell;

beforeAll(async () => {
  sshd = await startSshd();
});

afterAll(() => sshd.stop());

beforeEach(() => {
  shell = new SshHostShell({ knownHosts, agentSocket: undefined, limits: { logins: 1, transfers: 1 } });
});

afterEach(() => shell.close());

/** Takes connections and says nothing. */
async function silentServer(): Promise<{ server: Server; port: number; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port, sockets };
}

describe('with one login at a time, which a silent host holds', () => {
  let silent: Server;
  let endLogin: () => Promise<void>;

  beforeEach(async () => {
    const { server, port, sockets } = await silentServer();
    silent = server;
    const login = failureOf(shell.run(hostAt({ port, privateKeyFile: sshd.keyFile }), 'true', { signal }));
    await once(server, 'connection');
    endLogin = async () => {
      for (const socket of sockets) socket.destroy();
      await login;
    };
  });

  afterEach(async () => {
    await endLogin();
    silent.close();
  });

  test('a login that waits leaves the queue when it is cancelled, and its host is not asked', async () => {
    const other = await silentServer();
    const cancel = new AbortController();
    const host = hostAt({ port: other.port, privateKeyFile: sshd.keyFile });
    const waiting = shell.run(host, 'true', { signal: cancel.signal });
    cancel.abort(new Error('cancelled by the test'));
    await expect(waiting).rejects.toThrow('cancelled by the test');
    const next = shell.run(sshd.host(), 'echo in', { signal });
    await endLogin();
    expect((await next).stdout).toBe('in\n');
    expect(other.sockets).toEqual([]);
    other.server.close();
  });

  test('a caller who is cancelled does not take the login from others who wait for the same host', async () => {
    const cancel = new AbortController();
    const first = shell.run(sshd.host(), 'true', { signal: cancel.signal });
    const second = shell.run(sshd.host(), 'echo in', { signal });
    cancel.abort(new Error('cancelled by the test'));
    await expect(first).rejects.toThrow('cancelled by the test');
    await endLogin();
    expect((await second).stdout).toBe('in\n');
  });

  test('a host whose login was cancelled in the queue gets one when it is asked again', async () => {
    const cancel = new AbortController();
    const first = shell.run(sshd.host(), 'true', { signal: cancel.signal });
    cancel.abort(new Error('cancelled by the test'));
    await expect(first).rejects.toThrow('cancelled by the test');
    const second = shell.run(sshd.host(), 'echo in', { signal });
    await endLogin();
    expect((await second).stdout).toBe('in\n');
  });
});

describe('with one transfer at a time, whose file is a pipe', () => {
  const content = randomBytes(1000);
  let pipe: LocalFile;
  let writer: FileHandle;

  beforeEach(async () => {
    const sha256 = createHash('sha256').update(content).digest('hex');
    pipe = { path: join(sshd.folder, 'pipe'), size: content.length, sha256 };
    execFileSync('mkfifo', [pipe.path]);
    writer = await open(pipe.path, 'r+'); // so that neither end waits for the other to be opened
  });

  afterEach(() => writer.close());

  test('a file that waits holds no command up and leaves the queue when it is cancelled', async () => {
    const folder = join(sshd.folder, 'places');
    const file = { ...pipe, path: join(sshd.folder, 'file') };
    writeFileSync(file.path, content);
    const send = (local: LocalFile, name: string, until = signal): Promise<void> =>
      shell.upload(sshd.host(), local, { path: join(folder, name), mode: '0644' }, { signal: until });

    const first = send(pipe, 'first');
    const cancel = new AbortController();
    const second = send(file, 'second', cancel.signal);
    const third = send(file, 'third');
    await shell.run(sshd.host(), `until compgen -G '${folder}/.first*' > /dev/null; do sleep 0.02; done`, { signal });
    cancel.abort(new Error('cancelled by the test'));
    await expect(second).rejects.toThrow('cancelled by the test');
    expect(readdirSync(folder)).toHaveLength(1);
    await writer.write(content);
    await writer.close();
    await Promise.all([first, third]);
    expect(readdirSync(folder)).toEqual(['first', 'third']);
  });
});
