import type { CertificateSpec } from '../pki/profiles.js';
import { planCertificate, type StoredCertificate } from '../pki/reuse.js';
import type { Topology } from '../../contract/topology.js';
import { check, fail, pass, type Check } from './check.js';

/** Linkerd and we warn from here on; an issuer or a CA needs a planned rotation. */
const WARN_BEFORE_DAYS = 60;
const DAY_MS = 86_400_000;

type Seen = { spec: CertificateSpec; seen: StoredCertificate | undefined; now: number };

export const pkiChecks = (topology: Topology): Check[] => [
  check<Seen[]>({
    id: 'certificates-fit',
    category: 'pki',
    subject: topology.name,
    title: 'every certificate is signed by its CA, fits its key and carries its names',
    severity: 'error',
    probe: (world) => world.certificates(),
    judge: (all) => {
      const faults = all.flatMap(({ spec, seen, now }) => {
        const step = planCertificate(spec, seen, now);
        return step.kind === 'reuse' ? [] : [`${spec.name}: ${step.because}`];
      });
      return faults.length === 0
        ? pass(`${all.length} certificates`)
        : fail(`${faults.length} do not`, faults.join('; '));
    },
  }),
  check<Seen[]>({
    id: 'certificates-last',
    category: 'pki',
    subject: topology.name,
    title: `no certificate ends within ${WARN_BEFORE_DAYS} days`,
    severity: 'warning',
    probe: (world) => world.certificates(),
    judge: (all) => {
      const days = all.flatMap(({ spec, seen, now }) =>
        seen === undefined || seen === 'unreadable'
          ? []
          : [{ name: spec.name, left: Math.floor((seen.notAfter - now) / DAY_MS) }],
      );
      const ending = days.filter(({ left }) => left < WARN_BEFORE_DAYS);
      const first = Math.min(...days.map(({ left }) => left));
      return ending.length === 0
        ? pass(`the first ends in ${first} days`)
        : fail('they end soon', ending.map(({ name, left }) => `${name} in ${left} days`).join('; '));
    },
  }),
];
