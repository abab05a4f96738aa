import { X509Certificate } from 'node:crypto';
import { fail, pass } from '../../domain/checks/verdict.js';
import {
  k3sCertificatesScript,
  parseCertificates,
  whyRenew,
  type K3sCertificate,
} from '../../domain/k3s/certificates.js';
import { k3sFactsScript, parseK3sFacts } from '../../domain/k3s/install.js';
import { RENEW_BEFORE_DAYS } from '../../domain/pki/profiles.js';
import { renewBeforeDays } from '../../domain/pki/renewal.js';
import { daysUntil } from '../../domain/pki/reuse.js';
import { check, type Check } from '../check.js';
import type { Site } from '../site.js';

/** Those that the script has printed; what cannot be parsed is left out. */
const k3sCertificatesIn = (output: string): K3sCertificate[] =>
  parseCertificates(output).flatMap(({ name, pem }) => {
    try {
      const { ca, validTo } = new X509Certificate(pem);
      return [{ name, isCa: ca, notAfter: Date.parse(validTo) }];
    } catch {
      return [];
    }
  });

/** The running K3s, and why it is to be restarted for its certificates; an attempt looks once. */
export const seeK3s = (site: Site) =>
  site.once('K3s', async () => {
    const printed = await site.look(k3sFactsScript);
    const facts = parseK3sFacts(printed);
    const { startedAt = Infinity } = facts;
    const age = { startedAt, now: site.clock.now(), renewBeforeDays: renewBeforeDays(site.scope) };
    return { facts, due: whyRenew(k3sCertificatesIn(printed), age) };
  });

export interface Lifetime {
  name: string;
  days: number;
}

/** Of each certificate of K3s's own; negative: it has expired. */
export async function k3sLifetimes(site: Site): Promise<Lifetime[]> {
  const now = site.clock.now();
  const all = k3sCertificatesIn(await site.print(k3sCertificatesScript));
  return all.map(({ name, notAfter }) => ({ name, days: daysUntil(notAfter, now) }));
}

/** Of an adopted K3s too, whose certificates are its owner's to renew. */
export const k3sCertificatesLast = (cluster: string): Check =>
  check<Lifetime[]>({
    id: 'k3s-certificates-last',
    category: 'k3s',
    subject: cluster,
    title: `no certificate of K3s expires within ${RENEW_BEFORE_DAYS} days`,
    severity: 'warning',
    probe: k3sLifetimes,
    judge: (all) => {
      const [first, ...more] = all.toSorted((left, right) => left.days - right.days);
      if (first === undefined) return fail('K3s has no certificate');
      if (first.days >= RENEW_BEFORE_DAYS) return pass(`the first expires in ${first.days} days`);
      const soon = [first, ...more.filter(({ days }) => days < RENEW_BEFORE_DAYS)];
      return fail(
        `certificates of K3s expire within ${RENEW_BEFORE_DAYS} days: ${soon.length}`,
        soon.map(({ name, days }) => `${name} in ${days} days`).join('; '),
      );
    },
  });
