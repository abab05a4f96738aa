import { createHash } from 'node:crypto';
import { ProvisionError } from '../../contract/errors.js';
import type { Sha256 } from '../../domain/kubernetes/pods.js';
import { NATS_CA } from '../../domain/pki/profiles.js';
import type { KeyPair, NatsIdentity } from '../ports.js';
import type { Site } from '../site.js';
import { readPair, seeCertificate, specsOf, usable, type OwnSpec } from './stored-certificates.js';

export const sha256: Sha256 = (text) => createHash('sha256').update(text).digest('hex');

/** A certificate of the topology with its key and the NATS CA. @throws ProvisionError SECRET_MISSING */
export async function readMaterial(site: Site, name: string): Promise<NatsIdentity> {
  const [pair, ca] = await Promise.all([readPair(site, name), readPair(site, NATS_CA)]);
  if (pair === undefined || ca === undefined) throw missing(site, pair === undefined ? name : NATS_CA);
  return { ...pair, ca: ca.certificate };
}

const missing = (site: Site, name: string): ProvisionError =>
  new ProvisionError(
    'SECRET_MISSING',
    `topology "${site.topology}" has no ${name}`,
    'run provision, which issues what is missing',
  );

/** Stands for PEM that is not issued yet. It differs from every real one, so what carries it shows up as a change. */
const UNISSUED = '(not issued yet)';

/**
 * The same, for looks: where the certificate is about to be issued, a stand-in that shows what will change. A part that
 * would act on it fails, see `Site.unissued`.
 */
export async function plannedMaterial(site: Site, name: string): Promise<NatsIdentity> {
  const [pair, ca] = await Promise.all([plannedPair(site, name), plannedPair(site, NATS_CA)]);
  if (pair === undefined || ca === undefined) site.unissued.push(name);
  return {
    certificate: pair?.certificate ?? UNISSUED,
    privateKey: pair?.privateKey ?? UNISSUED,
    ca: ca?.certificate ?? UNISSUED,
  };
}

/** undefined: it is about to be issued. */
async function plannedPair(site: Site, name: string): Promise<KeyPair | undefined> {
  const { pair, step } = usable(await seeCertificate(site, specNamed(site, name)));
  return step.kind === 'issue' ? undefined : pair;
}

function specNamed({ scope, hub }: Site, name: string): OwnSpec {
  const found = [...specsOf(scope), ...specsOf(hub.scope)].find((spec) => spec.name === name);
  if (found === undefined) throw new RangeError(`no certificate "${name}"`);
  return found;
}
