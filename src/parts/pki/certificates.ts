import { ProvisionError } from '../../contract/errors.js';
import type { Step } from '../../contract/plan.js';
import type { CertificateSpec } from '../../domain/pki/profiles.js';
import { part, touching } from '../part.js';
import { certificateChecks } from './certificate-checks.js';
import { readPair, seeCertificates } from './stored-certificates.js';

const nameOf = ({ name }: CertificateSpec): string => `certificate ${name}`;

/** Keys and certificates in the store on this machine. What is valid is reused. */
export const certificates = part({
  name: 'certificates',
  title: 'issue certificates',
  phase: 'pki',
  needsHub: ['certificates'],
  livesIn: 'store',
  wanted: () => undefined,
  look: seeCertificates,
  decide: (seen) =>
    seen.flatMap(({ spec, pair, step }): Step[] =>
      step.kind === 'issue'
        ? [{ verb: pair === undefined ? 'create' : 'change', object: nameOf(spec), because: step.because }]
        : [],
    ),
  // What was never issued is for a provision to build.
  renew: (steps) => steps.filter(({ verb }) => verb === 'change'),
  // Keys outlive what was built with them; `teardown --purge` deletes them.
  undo: () => [],
  act: async (site, steps, seen) => {
    const { mint, secrets } = site.ports;
    for (const { spec } of seen) {
      if (touching(steps, nameOf(spec)) === undefined) continue;
      const signer = spec.signer === undefined ? undefined : await readPair(site, spec.signer);
      if (spec.signer !== undefined && signer === undefined)
        throw new ProvisionError('SECRET_MISSING', `${spec.name} cannot be signed: ${spec.signer} is not in the store`);
      const pair = await (signer === undefined ? mint.selfSigned(spec.profile) : mint.signedBy(signer, spec.profile));
      // The key first: a certificate without its key would be refused as a broken pair.
      await secrets.write(site.topology, `${spec.name}.key`, pair.privateKey);
      await secrets.write(site.topology, `${spec.name}.crt`, pair.certificate);
    }
  },
  checks: certificateChecks,
});
