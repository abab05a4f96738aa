import type { Scope } from '../../contract/topology/scope.js';
import { fail, pass } from '../../domain/checks/verdict.js';
import { RENEW_BEFORE_DAYS } from '../../domain/pki/profiles.js';
import { daysUntil, type CertificateStep } from '../../domain/pki/reuse.js';
import { check, type Check } from '../check.js';
import type { Site } from '../site.js';
import { seeCertificate, specsOf, type CertificateSeen } from './stored-certificates.js';

interface Lifetime {
  name: string;
  days: number;
}

/** Of the certificates that belong to the cluster. */
export const certificateChecks = ({ cluster }: Scope): Check[] => [
  check<Pick<CertificateSeen, 'spec' | 'step'>[]>({
    id: 'certificates-fit',
    category: 'pki',
    subject: cluster.name,
    title: 'every certificate is signed by its CA, fits its key and carries its names',
    severity: 'error',
    probe: lookAtAll,
    judge: (all) => {
      const unfit = all.flatMap(({ spec, step }) =>
        step.kind === 'reuse' || isDue(step) ? [] : [`${spec.name}: ${step.because}`],
      );
      return unfit.length === 0
        ? pass(`${all.length} certificates`)
        : fail(`${counted(unfit.length, 'does', 'do')} not fit`, unfit.join('; '));
    },
  }),
  check<Lifetime[]>({
    id: 'certificates-last',
    category: 'pki',
    subject: cluster.name,
    title: `no certificate expires within ${RENEW_BEFORE_DAYS} days`,
    severity: 'warning',
    probe: lifetimes,
    judge: (all) => {
      const soon = all.filter(({ days }) => days < RENEW_BEFORE_DAYS);
      const first = Math.min(...all.map(({ days }) => days));
      return soon.length === 0
        ? pass(all.length === 0 ? undefined : `the first expires in ${first} days`)
        : fail(
            `${counted(soon.length, 'expires', 'expire')} within ${RENEW_BEFORE_DAYS} days`,
            soon.map(({ name, days }) => `${name} in ${days} days`).join('; '),
          );
    },
  }),
];

const lookAtAll = (site: Site): Promise<CertificateSeen[]> =>
  Promise.all(specsOf(site.scope).map((spec) => seeCertificate(site, spec)));

async function lifetimes(site: Site): Promise<Lifetime[]> {
  const now = site.clock.now();
  return (await lookAtAll(site)).flatMap(({ spec: { name }, facts }) =>
    facts === undefined || facts === 'unreadable' ? [] : [{ name, days: daysUntil(facts.notAfter, now) }],
  );
}

/** It fits for now, and `certificates-last` warns of it. */
const isDue = (step: CertificateStep): boolean => step.kind === 'issue' && step.due === true;

const counted = (count: number, one: string, several: string): string =>
  count === 1 ? `1 certificate ${one}` : `${count} certificates ${several}`;
