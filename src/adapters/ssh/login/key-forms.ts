import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { lengthFirst, uint32 } from './wire.js';

/** `BEGIN PRIVATE KEY`, which ssh2 does not read. */
export const isPkcs8 = (text: string): boolean => /^-----BEGIN PRIVATE KEY-----/m.test(text);

export const isEncryptedPkcs8 = (text: string): boolean => /^-----BEGIN ENCRYPTED PRIVATE KEY-----/m.test(text);

/** The same key in a form that ssh2 reads. @throws Error when it is no such key, or of another type than RSA, EC and Ed25519 */
export function fromPkcs8(text: string): string {
  const key = createPrivateKey(text);
  if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' }).toString();
  if (key.asymmetricKeyType === 'ec') return key.export({ type: 'sec1', format: 'pem' }).toString();
  if (key.asymmetricKeyType === 'ed25519') return openSshForm(key);
  throw new TypeError(`keys of type ${key.asymmetricKeyType ?? 'unknown'} are not for SSH`);
}

const ED25519 = 'ssh-ed25519';
const BLOCK = 8;

/** https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key */
function openSshForm(key: KeyObject): string {
  const publicKey = rawPart(createPublicKey(key), 'x');
  const seed = rawPart(key, 'd');
  const secret = Buffer.concat([
    Buffer.alloc(2 * 4), // twice a number that shows whether decryption worked
    ...[ED25519, publicKey, Buffer.concat([seed, publicKey]), ''].map(lengthFirst),
  ]);
  const padding = Buffer.from(Array.from({ length: (BLOCK - (secret.length % BLOCK)) % BLOCK }, (_, at) => at + 1));
  const content = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...['none', 'none', ''].map(lengthFirst),
    uint32(1),
    lengthFirst(Buffer.concat([ED25519, publicKey].map(lengthFirst))),
    lengthFirst(Buffer.concat([secret, padding])),
  ]);
  const lines = content.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}

const rawPart = (key: KeyObject, part: 'x' | 'd'): Buffer =>
  Buffer.from(key.export({ format: 'jwk' })[part] ?? '', 'base64url');
