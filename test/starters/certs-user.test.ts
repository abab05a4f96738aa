import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { PeculiarMint } from '../../src/adapters/cert-mint/peculiar-mint.js';
import { AgeSecretStore } from '../../src/adapters/secret-store/age-secret-store.js';
import { certificatesOf, NATS_CA, type CertificateSpec } from '../../src/domain/pki/profiles.js';
import { orders } from '../support/accounts.js';
import { Cli, topologyFile } from '../support/cli/cli.js';

const cli = new Cli();
let topology: string;
beforeAll(async () => {
  const accounts = [orders({ exports: [] })];
  const leaves = ['cluster-b', 'cluster-c'];
  const specs = certificatesOf({ topology: 'plant-7', broker: 'cluster-a', brokerAddresses: [], leaves, accounts });
  await issue(specs.filter(({ name }) => name === NATS_CA || name.startsWith('nats/accounts/')));
  const host = (last: number) => ({ ssh: { address: `192.0.2.${last}`, user: 'ubuntu' } });
  topology = cli.write(
    'x.yaml',
    topologyFile({
      broker: { name: 'cluster-a', hosts: [host(1)] },
      leaves: leaves.map((name, index) => ({ name, hosts: [host(index + 2)] })),
      nats: { accounts },
    }),
  );
});

async function issue(specs: readonly CertificateSpec[]): Promise<void> {
  const store = new AgeSecretStore(join(cli.folder, 'state'));
  const mint = new PeculiarMint();
  const ca = await mint.selfSigned(specs.find(({ name }) => name === NATS_CA)?.profile ?? fail());
  for (const { name, profile } of specs) {
    const pair = name === NATS_CA ? ca : await mint.signedBy(ca, profile);
    await store.write('plant-7', `${name}.key`, pair.privateKey);
    await store.write('plant-7', `${name}.crt`, pair.certificate);
  }
}

const fail = (): never => {
  throw new Error('no CA');
};

const exported = (...options: string[]) => cli.run('certs', 'export', '-f', topology, ...options);
const out = (file: string): string => join(cli.folder, file);

test('a user from outside gets its certificate, key and CA, and a context of the nats CLI', async () => {
  const { code, stderr } = await exported('--user', 'ORDERS/audit', '--out', out('audit'));
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('context.json rtt') });
  expect(JSON.parse(readFileSync(out('audit/context.json'), 'utf8'))).toEqual({
    description: 'audit of ORDERS at outside',
    url: 'tls://192.0.2.1:30422',
    cert: out('audit/tls.crt'),
    key: out('audit/tls.key'),
    ca: out('audit/ca.crt'),
    inbox_prefix: '_INBOX.outside.audit',
  });
  expect(statSync(out('audit/tls.key')).mode & 0o777).toBe(0o600);
  const verified = spawnSync('openssl', ['verify', '-CAfile', out('audit/ca.crt'), out('audit/tls.crt')]);
  expect(String(verified.stdout)).toContain('OK');
});

test('a PKCS#12 file is opened by OpenSSL with its password', async () => {
  await exported('--user', 'ORDERS/erp', '--format', 'p12', '--out', out('erp'));
  const password = `file:${out('erp/user.p12.password')}`;
  const opened = spawnSync('openssl', [
    'pkcs12',
    '-in',
    out('erp/user.p12'),
    '-passin',
    password,
    '-nokeys',
    '-clcerts',
  ]);
  expect(String(opened.stdout)).toContain('BEGIN CERTIFICATE');
});

test("a PKCS#12 file is opened by Java's keytool, as a key with its chain", async () => {
  await exported('--user', 'ORDERS/erp', '--format', 'p12', '--out', out('java'));
  const store = ['-keystore', out('java/user.p12'), '-storetype', 'PKCS12'];
  const password = ['-storepass:file', out('java/user.p12.password')];
  const opened = spawnSync('keytool', ['-J-Duser.language=en', '-list', '-v', ...store, ...password]);
  expect(String(opened.stdout)).toMatch(/Entry type: PrivateKeyEntry\nCertificate chain length: 2\n/);
  expect(String(opened.stdout)).toContain('DNSName: erp.orders.cluster-a.nats.local');
});

test.each<[what: string, options: string[], message: string]>([
  ['a user of several places', ['--user', 'ORDERS/plc'], 'write --at cluster-b | cluster-c'],
  ['a place where the user is not', ['--user', 'ORDERS/plc', '--at', 'cluster-a'], 'ORDERS/plc is not at "cluster-a"'],
  ['a user who is not there', ['--user', 'ORDERS/nobody'], 'its users are: ORDERS/audit'],
  ['a format that is not there', ['--user', 'ORDERS/erp', '--format', 'jks'], 'write one of context, pem, p12'],
])('%s is refused with what to write', async (_what, options, message) => {
  const { code, stderr } = await exported(...options, '--out', out('none'));
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});
