import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyPair } from '../../src/parts/ports.js';
import { PeculiarMint } from '../../src/adapters/cert-mint/peculiar-mint.js';
import { writePkcs12 } from '../../src/adapters/cert-mint/pkcs12.js';
import {
  BROKER_SERVER,
  certificatesOf,
  clientOf,
  issuerOf,
  NATS_CA,
  TRUST_ANCHOR,
} from '../../src/domain/pki/profiles.js';

const MINUTE_MS = 60_000;
const specs = certificatesOf({
  topology: 'demo',
  broker: 'hub',
  brokerAddresses: ['10.0.0.1', '10.0.0.2'],
  leaves: ['edge'],
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

test('an issuer made by openssl, with a PKCS#8 key, signs too', async () => {
  const [key, certificate] = [join(folder, 'foreign.key'), join(folder, 'foreign.pem')];
  const curve = [
    '-addext',
    'keyUsage=critical,keyCertSign,cRLSign',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
  ];
  openssl(
    'req',
    '-x509',
    ...curve,
    '-keyout',
    key,
    '-out',
    certificate,
    '-subj',
    '/O=Corp/CN=Foreign, Inc',
    '-days',
    '2',
  );
  const issuer = {
    certificate: execFileSync('cat', [certificate], { encoding: 'utf8' }),
    privateKey: execFileSync('cat', [key], { encoding: 'utf8' }),
  };
  const leaf = await mint.signedBy(issuer, {
    commonName: 'leaf',
    usages: ['serverAuth'],
    dns: ['leaf'],
    ips: [],
    days: 30,
  });
  expect(openssl('verify', '-x509_strict', '-CAfile', certificate, file('leaf.pem', leaf.certificate))).toMatch(
    /: OK\n$/,
  );
  // It does not outlive its issuer.
  expect(new X509Certificate(leaf.certificate).validTo).toBe(new X509Certificate(issuer.certificate).validTo);
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

describe('a PKCS#12 file', () => {
  const password = 'päss word';
  let path: string;
  beforeAll(() => {
    const content = writePkcs12({ ...pair(clientOf('probe')), ca: pair(NATS_CA).certificate, password, name: 'probe' });
    path = file('probe.p12', content);
  });

  test('is read by openssl with key, certificate, CA and name', () => {
    const text = openssl('pkcs12', '-in', path, '-passin', `pass:${password}`, '-nodes');
    expect(text.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(text).toContain('friendlyName: probe');
    const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/.exec(text)?.[0] ?? '';
    expect(createPrivateKey(key).equals(createPrivateKey(pair(clientOf('probe')).privateKey))).toBe(true);
  });

  test('is encrypted with AES-256 and has a MAC of SHA-256', () => {
    const args = ['pkcs12', '-in', path, '-passin', `pass:${password}`, '-info', '-noout'];
    const info = execFileSync('sh', ['-c', 'openssl "$@" 2>&1', 'sh', ...args], { encoding: 'utf8' });
    expect(info).toMatch(/MAC: sha256/);
    expect(info).toMatch(/PBES2, PBKDF2, AES-256-CBC.*hmacWithSHA256/);
  });

  test('does not open with another password', () => {
    expect(() => openssl('pkcs12', '-in', path, '-passin', 'pass:wrong', '-nodes')).toThrow('Command failed');
  });
});
