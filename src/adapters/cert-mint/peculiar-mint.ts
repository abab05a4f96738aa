import 'reflect-metadata'; // first: the library throws at import without it
import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { CertificateMint, KeyPair } from '../../parts/ports.js';
import { BACKDATE_MINUTES, type CertificateProfile } from '../../domain/pki/profiles.js';
import { signatureOf, type Signature } from './signature.js';

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

x509.cryptoProvider.set(webcrypto);

interface Signer {
  key: webcrypto.CryptoKey;
  signature: Signature;
  /** Absent: the certificate signs itself. */
  certificate?: x509.X509Certificate;
}

/** Certificates with ECDSA P-256 keys, signed with SHA-256: what Linkerd asks of its issuers. A CA of the user's may be RSA. */
export class PeculiarMint implements CertificateMint {
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  async selfSigned(profile: CertificateProfile): Promise<KeyPair> {
    const keys = await newKeys();
    return this.#issue(profile, keys, { key: keys.privateKey, signature: P256 });
  }

  async signedBy(issuer: KeyPair, profile: CertificateProfile): Promise<KeyPair> {
    const certificate = new x509.X509Certificate(issuer.certificate);
    return this.#issue(profile, await newKeys(), { ...(await signingKey(issuer.privateKey)), certificate });
  }

  async #issue(profile: CertificateProfile, keys: webcrypto.CryptoKeyPair, signer: Signer): Promise<KeyPair> {
    const now = this.#now();
    const notAfter = new Date(now + profile.days * DAY_MS);
    const issuer = signer.certificate;
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject: [{ CN: [profile.commonName] }],
      issuer: issuer?.subjectName.toJSON() ?? [{ CN: [profile.commonName] }],
      notBefore: new Date(now - BACKDATE_MINUTES * MINUTE_MS),
      // A certificate that outlives its issuer would fail before its own expiry date.
      notAfter: issuer !== undefined && issuer.notAfter < notAfter ? issuer.notAfter : notAfter,
      publicKey: keys.publicKey,
      signingKey: signer.key,
      signingAlgorithm: signer.signature,
      extensions: await extensionsOf(profile, keys.publicKey, issuer),
    });
    const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    return {
      certificate: `${certificate.toString('pem')}\n`,
      privateKey: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
    };
  }
}

const newKeys = (): Promise<webcrypto.CryptoKeyPair> => webcrypto.subtle.generateKey(P256, true, ['sign', 'verify']);

async function signingKey(pem: string): Promise<Signer> {
  const key = createPrivateKey(pem);
  const signature = signatureOf(key);
  const der = key.export({ format: 'der', type: 'pkcs8' });
  return { key: await webcrypto.subtle.importKey('pkcs8', der, signature, false, ['sign']), signature };
}

async function extensionsOf(
  { ca, usages, dns, ips }: CertificateProfile,
  publicKey: webcrypto.CryptoKey,
  issuer: x509.X509Certificate | undefined,
): Promise<x509.Extension[]> {
  const { keyCertSign, cRLSign, digitalSignature } = x509.KeyUsageFlags;
  const caUsage: x509.KeyUsageFlags = keyCertSign | cRLSign;
  const names: x509.JsonGeneralName[] = [
    ...dns.map((value) => ({ type: 'dns' as const, value })),
    ...ips.map((value) => ({ type: 'ip' as const, value })),
  ];
  // Another tool may compute key ids differently, so the id in the issuer's certificate is used.
  const issuerId = issuer?.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId;
  return [
    new x509.BasicConstraintsExtension(ca !== undefined, ca?.pathLength, true),
    new x509.KeyUsagesExtension(ca === undefined ? digitalSignature : caUsage, true),
    ...(usages.length === 0
      ? []
      : [new x509.ExtendedKeyUsageExtension(usages.map((usage) => x509.ExtendedKeyUsage[usage]))]),
    ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
    issuerId === undefined
      ? await x509.AuthorityKeyIdentifierExtension.create(issuer?.publicKey ?? publicKey)
      : new x509.AuthorityKeyIdentifierExtension(issuerId),
  ];
}

/** 16 bytes: positive, as the top bit is clear, and of full length, as the next one is set. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x3f) | 0x40, 0);
  return bytes.toString('hex');
}
