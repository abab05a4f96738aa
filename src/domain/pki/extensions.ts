import type { KeyUsage } from './reuse.js';

/** What Node's X509Certificate does not tell: basic constraints and key usage, from the certificate's DER (RFC 5280). */
export interface Extensions {
  pathLength?: number;
  keyUsage?: KeyUsage[];
}

const BASIC_CONSTRAINTS = [0x06, 0x03, 0x55, 0x1d, 0x13];
const KEY_USAGE = [0x06, 0x03, 0x55, 0x1d, 0x0f];
const CRITICAL = [0x01, 0x01, 0xff];
const [BOOLEAN, INTEGER] = [0x01, 0x02];
/** Bits of the first octet of the bit string. */
const BITS: Readonly<Record<KeyUsage, number>> = { digitalSignature: 0x80, keyCertSign: 0x04 };

export function extensionsIn(der: Uint8Array): Extensions {
  const found: Extensions = {};
  const constraints = valueOf(der, BASIC_CONSTRAINTS);
  if (constraints !== undefined) {
    // SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }
    const fields = constraints.subarray(2);
    const at = fields[0] === BOOLEAN ? 3 : 0;
    const length = fields[at] === INTEGER ? fields[at + 2] : undefined;
    if (length !== undefined) found.pathLength = length;
  }
  // BIT STRING: tag, length, number of unused bits, octets
  const octet = valueOf(der, KEY_USAGE)?.[3];
  if (octet !== undefined) found.keyUsage = USAGES.filter((usage) => (octet & BITS[usage]) !== 0);
  return found;
}

const USAGES: readonly KeyUsage[] = ['digitalSignature', 'keyCertSign'];

/** What the OCTET STRING after the extension's id holds. Both extensions are shorter than 128 bytes. */
function valueOf(der: Uint8Array, id: readonly number[]): Uint8Array | undefined {
  const start = positionOf(der, id);
  if (start === undefined) return undefined;
  const critical = CRITICAL.every((byte, index) => der[start + id.length + index] === byte);
  const at = start + id.length + (critical ? CRITICAL.length : 0);
  return der.subarray(at + 2, at + 2 + (der[at + 1] ?? 0));
}

function positionOf(der: Uint8Array, bytes: readonly number[]): number | undefined {
  for (let at = 0; at + bytes.length <= der.length; at += 1)
    if (bytes.every((byte, index) => der[at + index] === byte)) return at;
  return undefined;
}
