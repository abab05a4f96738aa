import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SshHostShell } from '../../../src/adapters/ssh/ssh-host-shell.js';
import { failureOf } from '../../support/errors.js';
import { startSecurityKeyAgent } from '../../support/servers/security-key-agent.js';
import { startAgent } from '../../support/servers/ssh-agent.js';
import { newKey, startSshd, type TestHost, type TestSshd } from '../../support/servers/sshd.js';

const { signal } = new AbortController();
let sshd: TestSshd;
let trusting: TestSshd;
let authority: string;
let counter = 0;

beforeAll(async () => {
  sshd = await startSshd();
  authority = join(sshd.folder, 'user_ca');
  newKey(authority);
  trusting = await startSshd([`TrustedUserCAKeys ${authority}.pub`]);
});
afterAll(() => Promise.all([sshd.stop(), trusting.stop()]));

/** A key of its own that only its certificate lets in. */
function certifiedKey(type: string, validity = '+1h'): string {
  const path = join(sshd.folder, `certified-${(counter += 1)}`);
  newKey(path, type);
  execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'a user', '-n', 'root', '-V', validity, `${path}.pub`]);
  return path;
}

async function login(host: TestHost, agentSocket?: string): Promise<string> {
  const knownHosts = { read: () => Promise.resolve(undefined), record: () => Promise.resolve() };
  const shell = new SshHostShell({ knownHosts, agentSocket });
  try {
    return (await shell.run(host, 'echo in', { signal })).stdout;
  } finally {
    await shell.close();
  }
}

/** Of which the topology names no key. */
function keyless(server: TestSshd): TestHost {
  const host = server.host();
  delete host.ssh.privateKeyFile;
  return host;
}

test.each(['ed25519', 'ecdsa', 'rsa'])('a certificate beside a key of type %s logs in', async (type) => {
  expect(await login(trusting.host({ privateKeyFile: certifiedKey(type) }))).toBe('in\n');
});

test.each(['ed25519', 'ecdsa', 'rsa'])('a certificate of type %s in the agent logs in', async (type) => {
  const agent = await startAgent(join(sshd.folder, `agent-${type}`));
  agent.add(certifiedKey(type));
  expect(await login(keyless(trusting), agent.socket)).toBe('in\n');
  agent.stop();
});

test('a certificate that has expired is named with its key', async () => {
  const path = certifiedKey('ed25519', '20200101:20200102');
  const error = await failureOf(login(trusting.host({ privateKeyFile: path })));
  expect(error).toMatchObject({
    code: 'SSH_AUTH_FAILED',
    message: expect.stringContaining(`${path}-cert.pub, ${path}`),
  });
});

test('a security key in the agent logs in', async () => {
  const socket = join(sshd.folder, 'security-key');
  const agent = await startSecurityKeyAgent(socket);
  appendFileSync(join(sshd.folder, 'authorized_keys'), agent.publicKey);
  expect(await login(keyless(sshd), socket)).toBe('in\n');
  agent.close();
});

test('a certificate of another key is left out', async () => {
  const path = certifiedKey('ed25519');
  rmSync(path);
  rmSync(`${path}.pub`);
  newKey(path);
  appendFileSync(join(trusting.folder, 'authorized_keys'), execFileSync('cat', [`${path}.pub`], { encoding: 'utf8' }));
  expect(await login(trusting.host({ privateKeyFile: path }))).toBe('in\n');
});
