import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Decrypter } from 'age-encryption';
import { AgeSecretStore } from '../../src/adapters/secret-store/age-secret-store.js';
import { failureOf } from '../support/errors.js';

const KEY = '-----BEGIN PRIVATE KEY-----\nMHcC\n-----END PRIVATE KEY-----\n';

let state: string;
let store: AgeSecretStore;

beforeEach(() => {
  state = join(mkdtempSync(join(tmpdir(), 'leafspan-secrets-')), 'state');
  store = new AgeSecretStore(state);
});

afterEach(() => rmSync(join(state, '..'), { recursive: true, force: true }));

const secrets = (): string => join(state, 'topologies', 'demo', 'secrets');
const identity = (): string => join(state, 'identity.age-key');
const modeOf = (path: string): number => statSync(path).mode & 0o777;

test('what was written is read again, also by another process', async () => {
  await store.write('demo', 'nats/ca.key', KEY);
  await store.write('demo', 'nats/ca.crt', Buffer.from('certificate'));
  const other = new AgeSecretStore(state);
  expect((await other.read('demo', 'nats/ca.key'))?.toString()).toBe(KEY);
  expect((await other.read('demo', 'nats/ca.crt'))?.toString()).toBe('certificate');
});

test('nothing is stored under an unknown name', async () => {
  expect(await store.read('demo', 'nats/ca.key')).toBeUndefined();
  expect(await store.list('demo')).toEqual([]);
  expect(await store.purge('demo')).toBe(false);
});

test('keys are encrypted and private, certificates are in clear', async () => {
  await store.write('demo', 'nats/ca.key', KEY);
  await store.write('demo', 'nats/ca.crt', 'certificate');
  const stored = readFileSync(join(secrets(), 'nats/ca.key.age'));
  expect(stored.toString('latin1')).toMatch(/^age-encryption\.org\/v1\n-> X25519 /);
  expect(stored.includes('PRIVATE')).toBe(false);
  expect(readFileSync(join(secrets(), 'nats/ca.crt'), 'utf8')).toBe('certificate');
  for (const path of [identity(), join(secrets(), 'nats/ca.key.age'), join(secrets(), 'nats/ca.crt')])
    expect(modeOf(path)).toBe(0o600);
  for (const folder of [state, secrets()]) expect(modeOf(folder)).toBe(0o700);
});

test('the tool age reads them with the identity file', async () => {
  await store.write('demo', 'nats/ca.key', KEY);
  const args = ['-d', '-i', identity(), join(secrets(), 'nats/ca.key.age')];
  expect(execFileSync('age', args, { encoding: 'utf8' })).toBe(KEY);
});

test('writing again replaces, and leaves no parts', async () => {
  for (const value of ['one', 'two']) await store.write('demo', 'nats/ca.key', value);
  expect((await store.read('demo', 'nats/ca.key'))?.toString()).toBe('two');
  expect(readdirSync(join(secrets(), 'nats'))).toEqual(['ca.key.age']);
});

test('what another process wrote since is read', async () => {
  const other = new AgeSecretStore(state);
  await store.write('demo', 'nats/ca.key', 'one');
  expect((await store.read('demo', 'nats/ca.key'))?.toString()).toBe('one');
  await other.write('demo', 'nats/ca.key', 'two');
  expect((await store.read('demo', 'nats/ca.key'))?.toString()).toBe('two');
  await other.purge('demo');
  expect(await store.read('demo', 'nats/ca.key')).toBeUndefined();
});

test('what a reader does with a value does not reach the next one', async () => {
  await store.write('demo', 'nats/ca.key', KEY);
  (await store.read('demo', 'nats/ca.key'))?.fill(0);
  expect((await store.read('demo', 'nats/ca.key'))?.toString()).toBe(KEY);
});

test('first writes at once agree on one identity', async () => {
  const stores = Array.from({ length: 5 }, () => new AgeSecretStore(state));
  await Promise.all(stores.map((one, index) => one.write('demo', `k${index}.key`, KEY)));
  const values = await Promise.all(stores.map((_, index) => store.read('demo', `k${index}.key`)));
  expect(values.map(String)).toEqual(stores.map(() => KEY));
});

test('names are listed as they were given, those of other topologies are not', async () => {
  await store.write('demo', 'nats/clients/probe.key', KEY);
  await store.write('demo', 'nats/clients/probe.crt', 'c');
  await store.write('other', 'nats/ca.key', KEY);
  expect(await store.list('demo')).toEqual(['nats/clients/probe.crt', 'nats/clients/probe.key']);
});

test('purge removes one topology only', async () => {
  await store.write('demo', 'nats/ca.key', KEY);
  await store.write('other', 'nats/ca.key', KEY);
  expect(await store.purge('demo')).toBe(true);
  expect(await store.read('demo', 'nats/ca.key')).toBeUndefined();
  expect((await store.read('other', 'nats/ca.key'))?.toString()).toBe(KEY);
});

test.each(['../other/secrets/x.key', '/etc/passwd', 'a//b.key', '.hidden', 'a/../b.key', ''])(
  'the name "%s" is refused',
  async (name) => {
    await expect(store.read('demo', name)).rejects.toThrow('cannot be part of');
    await expect(store.write('demo', name, 'x')).rejects.toThrow('cannot be part of');
  },
);

test('the topology cannot lead elsewhere', async () => {
  await expect(store.purge('..')).rejects.toThrow('cannot be part of');
});

test('without its identity a key is missing, and comes back with it', async () => {
  await store.write('demo', 'nats/ca.key', KEY);
  renameSync(identity(), `${identity()}.moved`);
  const fresh = new AgeSecretStore(state);
  const error = await failureOf(fresh.read('demo', 'nats/ca.key'));
  expect(error.code).toBe('SECRET_MISSING');
  expect(error.hint).toContain('restore');
  expect((await failureOf(fresh.write('demo', 'nats/new.key', KEY))).code).toBe('SECRET_MISSING');
  renameSync(`${identity()}.moved`, identity());
  expect((await fresh.read('demo', 'nats/ca.key'))?.toString()).toBe(KEY);
});

test.each([
  ['of somebody else', 'AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33\n'],
  ['that is damaged', 'AGE-SECRET-KEY-1QQQ\n'],
  ['without a key', 'hello\n'],
])('an identity %s is told', async (_what, text) => {
  await store.write('demo', 'nats/ca.key', KEY);
  writeFileSync(identity(), text);
  const error = await failureOf(new AgeSecretStore(state).read('demo', 'nats/ca.key'));
  expect(error.code).toBe('SECRET_MISSING');
  expect(error.message).not.toContain(text.trim());
});

test('any age library reads them', async () => {
  await store.write('demo', 'nats/ca.key', KEY);
  const decrypter = new Decrypter();
  decrypter.addIdentity(/AGE-SECRET-KEY-1\w+/.exec(readFileSync(identity(), 'utf8'))?.[0] ?? '');
  expect(await decrypter.decrypt(readFileSync(join(secrets(), 'nats/ca.key.age')), 'text')).toBe(KEY);
});
