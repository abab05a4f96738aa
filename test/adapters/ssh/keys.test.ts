import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { SSH_LIMITS, SshHostShell, type SshLimits } from '../../../src/adapters/ssh/ssh-host-shell.js';
import { failureOf } from '../../support/errors.js';
import { newKey, startSshd, type TestHost, type TestSshd } from '../../support/servers/sshd.js';
import { slowAgent, startAgent, type TestAgent } from '../../support/servers/ssh-agent.js';

const { signal } = new AbortController();
let sshd: TestSshd;
let agent: TestAgent;
let counter = 0;

beforeAll(async () => {
  sshd = await startSshd();
  agent = await startAgent(join(sshd.folder, 'agent'));
});
afterAll(async () => {
  agent.stop();
  await sshd.stop();
});

async function login(host: TestHost, agentSocket?: string, limits: SshLimits = SSH_LIMITS): Promise<string> {
  const knownHosts = { read: () => Promise.resolve(undefined), record: () => Promise.resolve() };
  const shell = new SshHostShell({ knownHosts, agentSocket, limits });
  try {
    return (await shell.run(host, 'echo in', { signal })).stdout;
  } finally {
    await shell.close();
  }
}

const freshPath = (): string => join(sshd.folder, `key-${(counter += 1)}`);

/** Lets the key in. */
const authorize = (publicKey: string): void => appendFileSync(join(sshd.folder, 'authorized_keys'), publicKey);

const pairs: [type: string, make: () => { privateKey: KeyObject }][] = [
  ['Ed25519', () => generateKeyPairSync('ed25519')],
  ['ECDSA', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ['RSA', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
];

test.each(pairs)('a PKCS#8 key of type %s logs in', async (_type, make) => {
  const path = freshPath();
  const { privateKey } = make();
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  authorize(publicLine(privateKey));
  expect(await login(sshd.host({ privateKeyFile: path }))).toBe('in\n');
});

/** ssh-keygen of OpenSSH 9.2 reads no PKCS#8 key of Ed25519. */
function publicLine(privateKey: KeyObject): string {
  if (privateKey.asymmetricKeyType === 'ed25519') {
    const raw = Buffer.from(privateKey.export({ format: 'jwk' }).x ?? '', 'base64url');
    const parts = [Buffer.from('ssh-ed25519'), raw].flatMap((part) => [Buffer.from([0, 0, 0, part.length]), part]);
    return `ssh-ed25519 ${Buffer.concat(parts).toString('base64')}\n`;
  }
  const path = freshPath();
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return execFileSync('ssh-keygen', ['-y', '-f', path], { encoding: 'utf8' });
}

test('a PKCS#8 key with a passphrase is told to go through the agent', async () => {
  const path = freshPath();
  const text = generateKeyPairSync('ed25519').privateKey.export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'secret word',
  });
  writeFileSync(path, text, { mode: 0o600 });
  expect(await failureOf(login(sshd.host({ privateKeyFile: path })))).toMatchObject({
    code: 'SSH_KEY_UNREADABLE',
    message: `the private key ${path} has a passphrase`,
    hint: expect.stringContaining(`ssh-add ${path}`),
  });
});

test('a named key with a passphrase is used through the agent that holds it', async () => {
  const path = freshPath();
  newKey(path);
  agent.add(path);
  execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'secret word', '-f', path]);
  authorize(execFileSync('cat', [`${path}.pub`], { encoding: 'utf8' }));
  expect(await login(sshd.host({ privateKeyFile: path }), agent.socket)).toBe('in\n');
});

test('an agent that a person has to confirm to has longer than a host has to respond', async () => {
  const path = freshPath();
  newKey(path);
  agent.add(path);
  authorize(execFileSync('cat', [`${path}.pub`], { encoding: 'utf8' }));
  const slow = await slowAgent(join(sshd.folder, 'slow-agent'), agent.socket, 1_500);
  const host = sshd.host({});
  delete host.ssh.privateKeyFile;
  expect(await login(host, slow.socket, { ...SSH_LIMITS, loginMs: 1_000 })).toBe('in\n');
  slow.stop();
});
