import type { CertificateProfile, CertificateSpec } from './profiles.js';
import { LEAST_GAIN_DAYS } from './renewal.js';

/** A stored certificate, parsed; `unreadable` when it is none. */
export type StoredCertificate = CertificateFacts | 'unreadable';

export interface CertificateFacts {
  commonName: string;
  isCa: boolean;
  /** How many CAs may follow it; absent: any number. */
  pathLength?: number;
  dns: string[];
  ips: string[];
  /** What its key may do, and be used for; absent: the certificate does not limit it. */
  keyUsage?: KeyUsage[];
  usages?: string[];
  /** ms since the epoch. */
  notBefore: number;
  notAfter: number;
  /** Of the signer that is stored now: nothing that it signs lasts longer. */
  signerNotAfter: number;
  keyMatches: boolean;
  /** Signed by the signer that is stored now; true for a root that signed itself. */
  signedBySigner: boolean;
}

export type KeyUsage = 'digitalSignature' | 'keyCertSign';

export type CertificateStep =
  /** `due`: it fits, and its time runs out. */
  { kind: 'reuse' } | { kind: 'issue'; because: string; due?: true } | { kind: 'refuse'; because: string };

const DAY_MS = 86_400_000;

export interface Moment {
  /** ms since the epoch. */
  now: number;
  renewBeforeDays: number;
}

/**
 * Valid material is reused. An end-entity certificate or an issuer is issued again when it does not fit, or when its time
 * runs out and another one would last longer. A root is never replaced: everything that trusts it would stop.
 */
export function planCertificate(
  spec: CertificateSpec,
  seen: StoredCertificate | undefined,
  moment: Moment,
): CertificateStep {
  if (seen === undefined) return { kind: 'issue', because: 'there is none' };
  const problem = seen === 'unreadable' ? 'its file holds no certificate' : problemOf(spec, seen, moment.now);
  if (problem !== undefined)
    return spec.signer === undefined ? { kind: 'refuse', because: problem } : { kind: 'issue', because: problem };
  if (seen === 'unreadable' || spec.signer === undefined || !isDue(spec, seen, moment)) return { kind: 'reuse' };
  return { kind: 'issue', because: `it expires in ${daysUntil(seen.notAfter, moment.now)} days`, due: true };
}

/** Under a CA that ends soon the next certificate would end as soon: it is not worth the while. */
export function isDue(
  { profile }: Pick<CertificateSpec, 'profile'>,
  { notAfter, signerNotAfter }: Pick<CertificateFacts, 'notAfter' | 'signerNotAfter'>,
  { now, renewBeforeDays }: Moment,
): boolean {
  const nextNotAfter = Math.min(now + profile.days * DAY_MS, signerNotAfter);
  return daysUntil(notAfter, now) < renewBeforeDays && nextNotAfter - notAfter >= LEAST_GAIN_DAYS * DAY_MS;
}

export const daysUntil = (notAfter: number, now: number): number => Math.floor((notAfter - now) / DAY_MS);

function problemOf({ profile, importable }: CertificateSpec, seen: CertificateFacts, now: number): string | undefined {
  const missing = [
    ...profile.dns.filter((name) => !seen.dns.includes(name)),
    ...profile.ips.filter((ip) => !seen.ips.includes(ip)),
  ];
  if (!seen.keyMatches) return 'its private key does not belong to it';
  if (!seen.signedBySigner) return 'it is not signed by the current CA';
  if (seen.notAfter < now) return `it expired on ${dateOf(seen.notAfter)}`;
  if (seen.notBefore > now) return `it is not valid before ${dateOf(seen.notBefore)}`;
  if (seen.commonName !== profile.commonName && importable === undefined)
    return `its name is "${seen.commonName}" instead of "${profile.commonName}"`;
  if (seen.isCa !== (profile.ca !== undefined)) return seen.isCa ? 'it is a CA' : 'it is not a CA';
  if (missing.length > 0) return `it does not carry ${missing.join(', ')}`;
  return usageProblem(profile, seen);
}

function usageProblem({ ca, usages }: CertificateProfile, seen: CertificateFacts): string | undefined {
  const wanted: KeyUsage = ca === undefined ? 'digitalSignature' : 'keyCertSign';
  if (seen.keyUsage?.includes(wanted) === false) return `its key may not be used for ${wanted}`;
  const unfit = usages.filter((usage) => seen.usages?.includes(usage) === false);
  if (unfit.length > 0) return `it may not be used for ${unfit.join(', ')}`;
  if (ca !== undefined && seen.pathLength !== undefined && seen.pathLength < ca.pathLength)
    return `its path length is ${seen.pathLength} instead of ${ca.pathLength}`;
  return undefined;
}

const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
