import type { KeyObject } from 'node:crypto';
import { ProvisionError } from '../../contract/errors.js';

/** How a key signs, in WebCrypto's words. */
export type Signature = { name: string; hash: string } | { name: string; hash: string; namedCurve: string };

const HASH = 'SHA-256';
/** WebCrypto's names of the curves. */
const CURVES: Record<string, string> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

/** Our own CAs have P-256; a CA of the user's may have another key. @throws ProvisionError PKI_INVALID */
export function signatureOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): Signature {
  if (asymmetricKeyType === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: HASH };
  const namedCurve = CURVES[asymmetricKeyDetails?.namedCurve ?? ''];
  if (namedCurve !== undefined) return { name: 'ECDSA', hash: HASH, namedCurve };
  throw new ProvisionError(
    'PKI_INVALID',
    `its key is of type ${asymmetricKeyDetails?.namedCurve ?? asymmetricKeyType ?? 'unknown'}`,
    'use a CA with an RSA key, or an EC key on P-256, P-384 or P-521',
  );
}
