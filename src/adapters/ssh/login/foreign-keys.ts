import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import ssh2, { type Client, type ParsedKey } from 'ssh2';
import { lengthFirst, mpint, WireReader } from './wire.js';

/** A key of a type that ssh2 does not know: with a certificate, or of a security key. */
export interface ForeignKey {
  /** The public part, with its certificate. */
  blob: Buffer;
  /** Makes a signature with its type and what the type adds. */
  sign(data: Buffer): Promise<Buffer>;
}

const FOREIGN = /^(?:sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com|.*-cert-v01@openssh\.com)$/;

export const typeOf = (blob: Buffer): string => new WireReader(blob).string().toString('latin1');

export const isForeign = (blob: Buffer): boolean => FOREIGN.test(typeOf(blob));

/** A certificate has the fields of the public key after its type and a nonce. */
export function isCertificateOf(certificate: Buffer, key: ParsedKey): boolean {
  const fields = new WireReader(certificate);
  const type = fields.string().toString('latin1');
  fields.string();
  const wanted = new WireReader(key.getPublicSSH());
  return (
    type === `${wanted.string().toString('latin1')}-cert-v01@openssh.com` && fields.string().equals(wanted.string())
  );
}

/** RSA is named by its hash when it signs. */
const algorithmOf = (blob: Buffer): string => typeOf(blob).replace(/^ssh-rsa-cert/, 'rsa-sha2-512-cert');

const standIns = new WeakMap<object, ForeignKey>();
const EMPTY_KEY = `ssh-ed25519 ${Buffer.concat(['ssh-ed25519', Buffer.alloc(32)].map(lengthFirst)).toString('base64')}`;

/** What ssh2 takes for a key of its own, and asks for its type and public part. */
export function standInFor(foreign: ForeignKey): ParsedKey {
  const known = ssh2.utils.parseKey(EMPTY_KEY);
  if ('message' in known) throw known;
  const key: ParsedKey = Object.create(known, {
    type: { value: algorithmOf(foreign.blob) },
    getPublicSSH: { value: () => foreign.blob },
  }) as ParsedKey;
  standIns.set(key, foreign);
  return key;
}

export const foreignOf = (key: object): ForeignKey | undefined => standIns.get(key);

/** How a private key signs for its certificate. ECDSA: the hash that goes with the curve. */
export function signatureOf(pem: string, data: Buffer): Buffer {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType === 'ed25519') return typed('ssh-ed25519', sign(null, data, key));
  if (key.asymmetricKeyType === 'rsa') return typed('rsa-sha2-512', sign('sha512', data, key));
  const [name, hash] = CURVES[curveOf(key)] ?? ['nistp256', 'sha256'];
  const pair = sign(hash, data, { key, dsaEncoding: 'ieee-p1363' });
  const halves = [pair.subarray(0, pair.length / 2), pair.subarray(pair.length / 2)];
  return typed(`ecdsa-sha2-${name}`, Buffer.concat(halves.map(mpint)));
}

const CURVES: Readonly<Record<string, [name: string, hash: string]>> = {
  prime256v1: ['nistp256', 'sha256'],
  secp384r1: ['nistp384', 'sha384'],
  secp521r1: ['nistp521', 'sha512'],
};

const curveOf = (key: KeyObject): string => key.asymmetricKeyDetails?.namedCurve ?? '';

const typed = (type: string, signature: Buffer): Buffer => Buffer.concat([type, signature].map(lengthFirst));

/** What ssh2 1.17 does not export. The version is pinned, and the tests log in through it. */
interface Protocol {
  authPK(user: string, key: ParsedKey, algorithm: string | undefined, sign?: Sign): void;
  _kex: { sessionID: Buffer };
  _packetRW: { write: { allocStart: number; alloc(size: number): Buffer; finalize(packet: Buffer): Buffer } };
  _authsQueue: string[];
  _cipher: { encrypt(packet: Buffer): void };
}

type Sign = (data: Buffer, done: (signature: Buffer) => void) => void;

const USERAUTH_REQUEST = 50;

/**
 * ssh2 writes one type on a key and on its signature, and nothing after the signature. For a certificate the two types
 * differ, and a security key adds a counter: https://www.rfc-editor.org/rfc/rfc4252#section-7
 */
export function sendForeignSignatures(client: Client): void {
  const protocol = (client as unknown as { _protocol: Protocol })._protocol;
  const ordinary = protocol.authPK.bind(protocol);
  protocol.authPK = (user, key, algorithm, makeSignature) => {
    const foreign = foreignOf(key);
    if (foreign === undefined || makeSignature === undefined) return ordinary(user, key, algorithm, makeSignature);
    const request = Buffer.concat([
      Buffer.from([USERAUTH_REQUEST]),
      ...[user, 'ssh-connection', 'publickey'].map(lengthFirst),
      Buffer.from([1]),
      ...[key.type, foreign.blob].map(lengthFirst),
    ]);
    makeSignature(Buffer.concat([lengthFirst(protocol._kex.sessionID), request]), (signature) => {
      const message = Buffer.concat([request, lengthFirst(signature)]);
      const { write } = protocol._packetRW;
      const packet = write.alloc(message.length);
      packet.set(message, write.allocStart);
      protocol._authsQueue.push('publickey');
      protocol._cipher.encrypt(write.finalize(packet));
    });
  };
}
