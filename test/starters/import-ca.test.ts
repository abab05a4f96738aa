import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { AgeSecretStore } from '../../src/adapters/secret-store/age-secret-store.js';
import { Cli, topologyFile, type Ran } from '../support/cli/cli.js';

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
const RSA = ['-newkey', 'rsa:2048'];

/** A user who has a topology file and the PKCS#12 file of a CA, made by OpenSSL. */
class User {
  readonly cli = new Cli();
  readonly #topology = this.cli.write('x.yaml', topologyFile());
  readonly store = new AgeSecretStore(join(this.cli.folder, 'state'));

  certificate(name: string, newKey: string[], ...options: string[]): this {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`];
    this.#openssl(
      'req',
      '-x509',
      '-nodes',
      ...newKey,
      '-days',
      '9',
      '-subj',
      `/O=Corp/CN=${name}`,
      ...files,
      ...options,
    );
    return this;
  }

  pkcs12(name: string, password: string, ...options: string[]): this {
    const files = ['-inkey', `${name}.key`, '-in', `${name}.pem`, '-out', `${name}.p12`];
    this.#openssl('pkcs12', '-export', ...files, '-passout', `pass:${password}`, ...options);
    this.cli.write(`${name}.p12.password`, `${password}\n`);
    return this;
  }

  imports(...args: string[]): Promise<Ran> {
    return this.cli.run('certs', 'import', '-f', this.#topology, ...args);
  }

  readonly #openssl = (...args: string[]): unknown =>
    execFileSync('openssl', args, { cwd: this.cli.folder, stdio: 'pipe' });
}

test.each<[kind: string, newKey: string[], options: string[]]>([
  ['an EC CA', EC, []],
  ['an RSA CA in a file with RC2', RSA, ['-legacy']],
])('%s becomes the NATS CA of a topology', async (_kind, newKey, options) => {
  const user = new User().certificate('ca', newKey).pkcs12('ca', 'secret', ...options);
  const { code, stderr } = await user.imports('--p12', 'ca.p12');
  expect(stderr).toMatch(
    /^NATS CA of topology "plant-7": O=Corp, CN=ca, valid until \d{4}-\d\d-\d\d\nwhat it signs ends with it, in [89] days, and no command renews it: docs\/certificates\.md#roots\n$/,
  );
  expect(code).toBe(0);
  const certificate = new X509Certificate((await user.store.read('plant-7', 'nats/ca.crt')) ?? '');
  expect(certificate.subject).toBe('O=Corp\nCN=ca');
  expect((await user.store.read('plant-7', 'nats/ca.key'))?.toString()).toContain('BEGIN PRIVATE KEY');
});

test('a CA is refused where there is one already', async () => {
  const user = new User().certificate('ca', EC).pkcs12('ca', 'x').certificate('next', EC).pkcs12('next', 'x');
  await user.imports('--p12', 'ca.p12');
  const before = await user.store.read('plant-7', 'nats/ca.crt');
  const { code, stderr } = await user.imports('--p12', 'next.p12');
  expect(stderr).toMatch(/topology "plant-7" already has a NATS CA[^]*hint: import a CA before the first provision/);
  expect(code).toBe(2);
  expect(await user.store.read('plant-7', 'nats/ca.crt')).toEqual(before);
});

test('the password may be in a file of another name', async () => {
  const user = new User().certificate('ca', EC).pkcs12('ca', 'secret');
  user.cli.write('ca.p12.password', 'another');
  user.cli.write('right', 'secret');
  expect((await user.imports('--p12', 'ca.p12', '--password-file', 'right')).code).toBe(0);
});

test.each<[what: string, prepare: (user: User) => unknown, message: RegExp]>([
  ['a file that is not there', () => undefined, /ca\.p12 does not exist\nhint: name the PKCS#12 file/],
  [
    'a wrong password',
    (user) => (user.certificate('ca', EC).pkcs12('ca', 'x'), user.cli.write('ca.p12.password', 'y')),
    /ca\.p12: it does not open with this password/,
  ],
  [
    'what is not a CA',
    (user) => user.certificate('ca', EC, '-addext', 'basicConstraints=critical,CA:FALSE').pkcs12('ca', 'x'),
    /its certificate is not one of a CA/,
  ],
  [
    'a CA that another one signed',
    (user) =>
      user.certificate('root', EC).certificate('ca', EC, '-CA', 'root.pem', '-CAkey', 'root.key').pkcs12('ca', 'x'),
    /another CA signed it\nhint: import a root/,
  ],
  [
    'a CA with a key that cannot sign here',
    (user) => user.certificate('ca', ['-newkey', 'ed25519']).pkcs12('ca', 'x'),
    /its key is of type ed25519/,
  ],
])('%s is refused, and nothing is stored', async (_what, prepare, message) => {
  const user = new User();
  prepare(user);
  const { code, stderr } = await user.imports('--p12', 'ca.p12');
  expect(stderr).toMatch(message);
  expect(code).toBeGreaterThan(0);
  expect(await user.store.list('plant-7')).toEqual([]);
});
