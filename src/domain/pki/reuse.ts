import { RENEW_BEFORE_DAYS, type CertificateSpec } from './profiles.js';

/** A stored certificate, parsed; `unreadable` when it is none. */
export type StoredCertificate = CertificateFacts | 'unreadable';

export interface CertificateFacts {
  commonName: string;
  isCa: boolean;
  dns: string[];
  ips: string[];
  /** ms since the epoch. */
  notAfter: number;
  keyMatches: boolean;
  /** Signed by the signer that is stored now; true for a root that signed itself. */
  signedBySigner: boolean;
}

export type CertificateStep =
  { kind: 'reuse' } | { kind: 'issue'; because: string } | { kind: 'refuse'; because: string };

const DAY_MS = 86_400_000;

/**
 * Valid material is reused. An end-entity certificate or an issuer is issued again when it does not fit. A root is never
 * replaced: everything that trusts it would stop.
 */
export function planCertificate(
  spec: CertificateSpec,
  seen: StoredCertificate | undefined,
  now: number,
): CertificateStep {
  if (seen === undefined) return { kind: 'issue', because: 'there is none' };
  const problem = seen === 'unreadable' ? 'its file holds no certificate' : problemOf(spec, seen, now);
  if (problem === undefined) return { kind: 'reuse' };
  return spec.signer === undefined ? { kind: 'refuse', because: problem } : { kind: 'issue', because: problem };
}

function problemOf({ profile, importable }: CertificateSpec, seen: CertificateFacts, now: number): string | undefined {
  const daysLeft = Math.floor((seen.notAfter - now) / DAY_MS);
  const missing = [
    ...profile.dns.filter((name) => !seen.dns.includes(name)),
    ...profile.ips.filter((ip) => !seen.ips.includes(ip)),
  ];
  if (!seen.keyMatches) return 'its private key does not belong to it';
  if (!seen.signedBySigner) return 'it is not signed by the current CA';
  if (daysLeft < (profile.ca === undefined ? RENEW_BEFORE_DAYS : 0)) return `it expires in ${daysLeft} days`;
  if (seen.commonName !== profile.commonName && importable === undefined)
    return `its name is "${seen.commonName}" instead of "${profile.commonName}"`;
  if (seen.isCa !== (profile.ca !== undefined)) return seen.isCa ? 'it is a CA' : 'it is not a CA';
  if (missing.length > 0) return `it does not carry ${missing.join(', ')}`;
  return undefined;
}
