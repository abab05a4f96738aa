import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyPair } from '../../src/parts/ports.js';
import { PeculiarMint } from '../../src/adapters/cert-mint/peculiar-mint.js';
import {
  BROKER_SERVER,
  certificatesOf,
  clientOf,
  issuerOf,
  NATS_CA,
  TRUST_ANCHOR,
} from '../../src/domain/pki/profiles.js';
import { failureOf } from '../support/errors.js';

const MINUTE_MS = 60_000;
const specs = certificatesOf({
  topology: 'demo',
  broker: 'hub',
  brokerAddresses: ['10.0.0.1', '10.0.0.2'],
  leaves: ['edge'],
  accounts: [],
});
const mint = new PeculiarMint();
const pairs = new Map<string, KeyPair>();
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'leafspan-mint-'));
  for (const { name, profile, signer } of specs)
    pairs.set(name, signer === undefined ? await mint.selfSigned(profile) : await mint.signedBy(pair(signer), profile));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function pair(name: string): KeyPair {
  const found = pairs.get(name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name.replaceAll('/', '_'));
  writeFileSync(path, content);
  return path;
}

const openssl = (...args: string[]): string => execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' });
const textOf = (name: string): string => openssl('x509', '-noout', '-text', '-in', file(name, pair(name).certificate));

describe.each(specs.map((spec) => [spec.name, spec] as const))('%s', (name, { profile, signer }) => {
  test('passes the strict checks of openssl', () => {
    const root = signer ?? name;
    const args = ['verify', '-x509_strict', '-CAfile', file(`${root}.pem`, pair(root).certificate)];
    expect(openssl(...args, file(name, pair(name).certificate))).toMatch(/: OK\n$/);
  });

  test('has a P-256 key of its own and a signature with SHA-256', () => {
    const key = createPrivateKey(pair(name).privateKey);
    expect(pair(name).privateKey).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(key.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(new X509Certificate(pair(name).certificate).checkPrivateKey(key)).toBe(true);
    expect(textOf(name)).toContain('Signature Algorithm: ecdsa-with-SHA256');
  });

  test('says what its profile says', () => {
    const parsed = new X509Certificate(pair(name).certificate);
    expect(parsed.subject).toBe(`CN=${profile.commonName}`);
    expect(parsed.ca).toBe(profile.ca !== undefined);
    for (const dns of profile.dns) expect(parsed.checkHost(dns, { subject: 'never' })).toBe(dns);
    for (const ip of profile.ips) expect(parsed.checkIP(ip)).toBe(ip);
    expect(Math.round((Date.parse(parsed.validTo) - Date.now()) / 86_400_000)).toBe(profile.days);
  });
});

test.each([
  [TRUST_ANCHOR, /CA:TRUE, pathlen:1\n/],
  [issuerOf('edge'), /CA:TRUE, pathlen:0\n/],
  [NATS_CA, /X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign\n/],
  [BROKER_SERVER, /X509v3 Key Usage: critical\s+Digital Signature\n/],
  [BROKER_SERVER, /X509v3 Basic Constraints: critical\s+CA:FALSE\n/],
  [BROKER_SERVER, /Extended Key Usage:\s+TLS Web Server Authentication\n/],
  [clientOf('probe'), /Extended Key Usage:\s+TLS Web Client Authentication\n/],
])('%s carries %s', (name, expected) => {
  expect(textOf(name)).toMatch(expected);
});

test.each([
  ['sslserver', BROKER_SERVER],
  ['sslclient', clientOf('probe')],
])('openssl takes it for the purpose %s', (purpose, name) => {
  const args = ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', file('ca.pem', pair(NATS_CA).certificate)];
  expect(openssl(...args, file(name, pair(name).certificate))).toMatch(/: OK\n$/);
});

test('an identity certificate verifies over the issuer up to the anchor', async () => {
  const profile = { commonName: 'pod', usages: ['serverAuth' as const], dns: ['pod.local'], ips: [], days: 1 };
  const pod = await mint.signedBy(pair(issuerOf('edge')), profile);
  const untrusted = ['-untrusted', file('issuer.pem', pair(issuerOf('edge')).certificate)];
  const args = ['verify', '-x509_strict', '-CAfile', file('anchor.pem', pair(TRUST_ANCHOR).certificate), ...untrusted];
  expect(openssl(...args, file('pod.pem', pod.certificate))).toMatch(/: OK\n$/);
});

test.each<[kind: string, newKey: string[]]>([
  ['P-256', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']],
  ['P-384', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384']],
  ['RSA', ['-newkey', 'rsa:2048']],
])('a CA made by openssl with a %s key signs too', async (kind, newKey) => {
  const [key, certificate] = [join(folder, `${kind}.key`), join(folder, `${kind}.pem`)];
  const usage = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign', '-subj', '/O=Corp/CN=Corp CA, Inc', '-days', '2'];
  openssl('req', '-x509', ...newKey, '-nodes', ...usage, '-keyout', key, '-out', certificate);
  const issuer = { certificate: readFileSync(certificate, 'utf8'), privateKey: readFileSync(key, 'utf8') };
  const profile = { commonName: 'leaf', usages: ['serverAuth' as const], dns: ['leaf'], ips: [], days: 30 };
  const leaf = await mint.signedBy(issuer, profile);
  expect(openssl('verify', '-x509_strict', '-CAfile', certificate, file('leaf.pem', leaf.certificate))).toMatch(
    /: OK\n$/,
  );
  // It does not outlive its issuer.
  expect(new X509Certificate(leaf.certificate).validTo).toBe(new X509Certificate(issuer.certificate).validTo);
});

test('a CA whose kind of key cannot sign is refused', async () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const issuer = { ...pair(NATS_CA), privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() };
  const profile = { commonName: 'leaf', usages: [], dns: [], ips: [], days: 1 };
  expect(await failureOf(mint.signedBy(issuer, profile))).toMatchObject({
    code: 'PKI_INVALID',
    message: 'its key is of type ed25519',
  });
});

test('validity begins in the past, for clocks that differ', () => {
  const { validFrom } = new X509Certificate(pair(NATS_CA).certificate);
  expect(Date.now() - Date.parse(validFrom)).toBeGreaterThanOrEqual(5 * MINUTE_MS);
});

test('serial numbers are positive, of 16 bytes and unique', () => {
  const serials = [...pairs.values()].map(({ certificate }) => new X509Certificate(certificate).serialNumber);
  for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
  expect(new Set(serials).size).toBe(serials.length);
});
