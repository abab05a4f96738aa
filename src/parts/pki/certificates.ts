import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { ProvisionError } from '../../contract/errors.js';
import type { Step } from '../../contract/plan.js';
import { isHub, type Scope } from '../../contract/scope.js';
import { certificatesOf, type CertificateSpec } from '../../domain/pki/profiles.js';
import { planCertificate, type StoredCertificate } from '../../domain/pki/reuse.js';
import { hubPkiSpec, leafPkiSpec } from '../../domain/pki/spec.js';
import { part } from '../part.js';
import type { KeyPair } from '../ports.js';
import type { Site } from '../site.js';

/** A certificate of the topology with its key, as the store has it, and whether it is to be issued. */
export interface CertificateSeen {
  spec: CertificateSpec;
  pair: KeyPair | undefined;
  facts: StoredCertificate | undefined;
  /** Why it is to be issued; absent: it is used as it is. */
  issue?: string;
}

/** The certificates that belong to the cluster: the hub has both roots and those that all leaves use. */
export function specsOf(scope: Scope): CertificateSpec[] {
  const shared = certificatesOf(hubPkiSpec(scope.settings));
  if (isHub(scope)) return shared;
  const names = new Set(shared.map(({ name }) => name));
  return certificatesOf(leafPkiSpec(scope.settings, scope.cluster.name)).filter(({ name }) => !names.has(name));
}

/** Signers come first in the list, so a certificate knows whether its signer is about to be issued. */
export const seeCertificates = (site: Site): Promise<CertificateSeen[]> =>
  site.once('certificates', async () => {
    const { clock } = site.ports;
    const seen: CertificateSeen[] = [];
    for (const spec of specsOf(site.scope)) {
      const pair = await readPair(site, spec.name);
      const signer = spec.signer === undefined ? pair : await readPair(site, spec.signer);
      const facts = pair && factsOf(pair, signer ?? pair);
      const step = planCertificate(spec, facts, clock.now());
      if (step.kind === 'refuse') throw refused(spec.name, step.because);
      seen.push({ spec, pair, facts, ...(step.kind === 'issue' ? { issue: step.because } : {}) });
    }
    return seen;
  });

const refused = (name: string, because: string): ProvisionError =>
  new ProvisionError(
    'PKI_INVALID',
    `${name}: ${because}, and a root is never replaced silently`,
    'restore the secrets of the topology from a backup, or tear down with --purge and provision again',
  );

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
    seen.flatMap(({ spec, pair, issue }): Step[] =>
      issue === undefined
        ? []
        : [{ verb: pair === undefined ? 'create' : 'change', object: `certificate ${spec.name}`, because: issue }],
    ),
  // Keys outlive what was built with them; `teardown --purge` deletes them.
  undo: () => [],
  act: async (site, steps, seen) => {
    const { mint, secrets } = site.ports;
    for (const { spec } of seen) {
      if (!steps.some(({ object }) => object === `certificate ${spec.name}`)) continue;
      const signer = spec.signer === undefined ? undefined : await readPair(site, spec.signer);
      if (spec.signer !== undefined && signer === undefined)
        throw new ProvisionError('SECRET_MISSING', `${spec.name} cannot be signed: ${spec.signer} is not in the store`);
      const pair = await (signer === undefined ? mint.selfSigned(spec.profile) : mint.signedBy(signer, spec.profile));
      // The key first: a certificate without its key would be refused as a broken pair.
      await secrets.write(site.topology, `${spec.name}.key`, pair.privateKey);
      await secrets.write(site.topology, `${spec.name}.crt`, pair.certificate);
    }
  },
});

/** An interrupted run may leave a key without its certificate: that pair counts as absent. */
export async function readPair({ ports: { secrets }, topology }: Site, name: string): Promise<KeyPair | undefined> {
  const [certificate, privateKey] = await Promise.all([
    secrets.read(topology, `${name}.crt`),
    secrets.read(topology, `${name}.key`),
  ]);
  if (certificate === undefined) return undefined;
  return { certificate: certificate.toString(), privateKey: privateKey?.toString() ?? '' };
}

export function factsOf(pair: KeyPair, signer: KeyPair): StoredCertificate {
  const [parsed, issuer] = [certificateIn(pair.certificate), certificateIn(signer.certificate)];
  if (parsed === undefined) return 'unreadable';
  const key = keyIn(pair.privateKey);
  const names = (parsed.subjectAltName ?? '').split(', ');
  return {
    commonName: /^CN=(.*)$/m.exec(parsed.subject)?.[1] ?? '',
    isCa: parsed.ca,
    dns: names.filter((name) => name.startsWith('DNS:')).map((name) => name.slice(4)),
    ips: names.filter((name) => name.startsWith('IP Address:')).map((name) => name.slice(11)),
    notAfter: Date.parse(parsed.validTo),
    keyMatches: key !== undefined && parsed.checkPrivateKey(key),
    signedBySigner: issuer !== undefined && parsed.checkIssued(issuer) && parsed.verify(issuer.publicKey),
  };
}

/** A damaged file stays damaged, however often it is read. */
const certificateIn = (pem: string): X509Certificate | undefined => parsedOrNothing(() => new X509Certificate(pem));
const keyIn = (pem: string): KeyObject | undefined => parsedOrNothing(() => createPrivateKey(pem));

function parsedOrNothing<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
