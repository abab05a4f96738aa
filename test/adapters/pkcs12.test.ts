import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePkcs12 } from '../../src/adapters/cert-mint/pkcs12.js';
import { readPkcs12 } from '../../src/adapters/cert-mint/read-pkcs12.js';

const folder = mkdtempSync(join(tmpdir(), 'leafspan-p12-'));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);
const textIn = (name: string): string => readFileSync(at(name), 'utf8');
const openssl = (...args: string[]): string =>
  execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe', cwd: folder });

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
const RSA = ['-newkey', 'rsa:2048'];

/** A root, a CA that it signed and a certificate that this one signed, as files <name>-{root,ca,leaf}.{pem,key}. */
function makeChain(name: string, newKey: string[]): void {
  const certificate = (role: string, ...args: string[]): string =>
    openssl(
      'req',
      '-x509',
      '-nodes',
      ...newKey,
      '-days',
      '2',
      '-subj',
      `/CN=${name} ${role}`,
      ...args,
      '-keyout',
      `${name}-${role}.key`,
      '-out',
      `${name}-${role}.pem`,
    );
  const signedBy = (signer: string): string[] => ['-CA', `${name}-${signer}.pem`, '-CAkey', `${name}-${signer}.key`];
  certificate('root');
  certificate('ca', ...signedBy('root'));
  certificate('leaf', ...signedBy('ca'), '-addext', 'basicConstraints=critical,CA:FALSE');
  writeFileSync(at(`${name}-others.pem`), textIn(`${name}-root.pem`) + textIn(`${name}-ca.pem`));
}

beforeAll(() => {
  makeChain('ec', EC);
  makeChain('rsa', RSA);
});

/** By OpenSSL, with the root before the CA, which is not the order of the chain. */
function exported(name: string, password: string, options: string[]): Buffer {
  const files = ['-inkey', `${name}-leaf.key`, '-in', `${name}-leaf.pem`, '-certfile', `${name}-others.pem`];
  openssl('pkcs12', '-export', ...files, '-passout', `pass:${password}`, ...options, '-out', 'file.p12');
  return readFileSync(at('file.p12'));
}

const sameKey = (one: string, other: string): boolean => createPrivateKey(one).equals(createPrivateKey(other));

describe.each(['ec', 'rsa'])('a PKCS#12 file of OpenSSL with %s keys', (name) => {
  test.each<[kind: string, password: string, options: string[]]>([
    ['with the ciphers of today', 'secret', []],
    ['with RC2 and 3DES', 'secret', ['-legacy']],
    ['without encryption', 'secret', ['-keypbe', 'NONE', '-certpbe', 'NONE']],
    ['without a MAC', 'secret', ['-nomac']],
    ['with a password beyond ASCII', 'päss 密', []],
    ['with RC2 and a password beyond ASCII', 'päss 密', ['-legacy']],
    ['with an empty password', '', []],
  ])('%s opens, with its chain in order', (_kind, password, options) => {
    const read = readPkcs12(exported(name, password, options), password);
    expect(read.certificate).toBe(textIn(`${name}-leaf.pem`));
    expect(sameKey(read.privateKey, textIn(`${name}-leaf.key`))).toBe(true);
    expect(read.chain).toBe(textIn(`${name}-ca.pem`) + textIn(`${name}-root.pem`));
  });

  test('that holds a root has no chain', () => {
    openssl(
      'pkcs12',
      '-export',
      '-inkey',
      `${name}-root.key`,
      '-in',
      `${name}-root.pem`,
      '-passout',
      'pass:x',
      '-out',
      'root.p12',
    );
    expect(readPkcs12(readFileSync(at('root.p12')), 'x')).toMatchObject({
      certificate: textIn(`${name}-root.pem`),
      chain: '',
    });
  });
});

describe('a file that cannot be used', () => {
  test.each<[fault: string, bytes: () => Buffer, message: RegExp]>([
    ['with another password', () => exported('ec', 'secret', []), /does not open with this password/],
    ['with another password and RC2', () => exported('rsa', 'secret', ['-legacy']), /does not open with this password/],
    ['with another password beyond ASCII', () => exported('ec', 'päss', []), /does not open with this password/],
    ['without a private key', () => exported('ec', 'wröng', ['-nokeys']), /none with its private key/],
    ['that is PEM', () => readFileSync(at('ec-leaf.pem')), /not a readable PKCS#12 file/],
    ['that is a certificate', () => new X509Certificate(textIn('ec-leaf.pem')).raw, /not a readable PKCS#12 file/],
  ])('%s is refused with the reason', (_fault, bytes, message) => {
    const told = expect.objectContaining({ code: 'PKI_INVALID', message: expect.stringMatching(message) as unknown });
    expect(() => readPkcs12(bytes(), 'wröng')).toThrow(told);
  });
});

describe('a PKCS#12 file of ours', () => {
  const password = 'päss word';
  beforeAll(() => {
    const content = {
      certificate: textIn('ec-leaf.pem'),
      privateKey: textIn('ec-leaf.key'),
      ca: textIn('ec-others.pem'),
    };
    writeFileSync(at('ours.p12'), writePkcs12({ ...content, password, name: 'probe' }));
  });

  test('is read by openssl with key, certificates and name', () => {
    const text = openssl('pkcs12', '-in', 'ours.p12', '-passin', `pass:${password}`, '-nodes');
    expect(text.match(/BEGIN CERTIFICATE/g)).toHaveLength(3);
    expect(text).toContain('friendlyName: probe');
    const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/.exec(text)?.[0] ?? '';
    expect(sameKey(key, textIn('ec-leaf.key'))).toBe(true);
  });

  test('is read by us', () => {
    const read = readPkcs12(readFileSync(at('ours.p12')), password);
    expect(read.certificate).toBe(textIn('ec-leaf.pem'));
    expect(read.chain).toBe(textIn('ec-ca.pem') + textIn('ec-root.pem'));
  });

  test('is encrypted with AES-256 and has a MAC of SHA-256', () => {
    const args = ['pkcs12', '-in', at('ours.p12'), '-passin', `pass:${password}`, '-info', '-noout'];
    const info = execFileSync('sh', ['-c', 'openssl "$@" 2>&1', 'sh', ...args], { encoding: 'utf8' });
    expect(info).toMatch(/MAC: sha256/);
    expect(info).toMatch(/PBES2, PBKDF2, AES-256-CBC.*hmacWithSHA256/);
  });

  test('does not open with another password', () => {
    expect(() => openssl('pkcs12', '-in', 'ours.p12', '-passin', 'pass:wrong', '-nodes')).toThrow('Command failed');
  });
});
