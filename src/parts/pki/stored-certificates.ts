import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { ProvisionError } from '../../contract/errors.js';
import type { Scope } from '../../contract/topology/scope.js';
import { extensionsIn } from '../../domain/pki/extensions.js';
import type { CertificateSpec } from '../../domain/pki/profiles.js';
import { renewBeforeDays } from '../../domain/pki/renewal.js';
import { planCertificate, type CertificateStep, type StoredCertificate } from '../../domain/pki/reuse.js';
import { certificatesOfCluster } from '../../domain/pki/spec.js';
import type { KeyPair } from '../ports.js';
import type { Site } from '../site.js';

/** What a certificate of one cluster must be, and when it is renewed. */
export interface OwnSpec extends CertificateSpec {
  renewBeforeDays: number;
}

/** A certificate of the topology with its key, as the store has it, and whether it is to be issued. */
export interface CertificateSeen {
  spec: OwnSpec;
  pair: KeyPair | undefined;
  facts: StoredCertificate | undefined;
  step: CertificateStep;
}

/** The certificates that belong to the cluster: the hub has both roots and those that all leaves use. */
export function specsOf(scope: Scope): OwnSpec[] {
  const days = renewBeforeDays(scope);
  return certificatesOfCluster(scope).map((spec) => ({ ...spec, renewBeforeDays: days }));
}

/** Looks at one certificate, once per attempt: opening a key takes a moment, and several parts ask for the same one. */
export const seeCertificate = (site: Site, spec: OwnSpec): Promise<CertificateSeen> =>
  site.hub.once(`certificate ${spec.name}`, async () => {
    const pair = await storedPair(site, spec.name);
    const signer = spec.signer === undefined ? pair : await storedPair(site, spec.signer);
    const facts = pair && factsOf(pair, signer ?? pair);
    return {
      spec,
      pair,
      facts,
      step: planCertificate(spec, facts, { now: site.clock.now(), renewBeforeDays: spec.renewBeforeDays }),
    };
  });

const storedPair = (site: Site, name: string): Promise<KeyPair | undefined> =>
  site.hub.once(`key pair ${name}`, () => readPair(site, name));

/** The certificates that belong to the cluster. @throws ProvisionError PKI_INVALID for a root that is not to be used */
export const seeCertificates = async (site: Site): Promise<CertificateSeen[]> =>
  Promise.all(specsOf(site.scope).map(async (spec) => usable(await seeCertificate(site, spec))));

export function usable(seen: CertificateSeen): CertificateSeen {
  if (seen.step.kind === 'refuse') throw refused(seen.spec.name, seen.step.because);
  return seen;
}

const refused = (name: string, because: string): ProvisionError =>
  new ProvisionError(
    'PKI_INVALID',
    `${name}: ${because}, and a root is never replaced silently`,
    'restore the secrets of the topology from a backup, or tear down with --purge and provision again',
  );

/** An interrupted run may leave a key without its certificate: that pair counts as absent. */
export async function readPair({ ports: { secrets }, topology }: Site, name: string): Promise<KeyPair | undefined> {
  const [certificate, privateKey] = await Promise.all([
    secrets.read(topology, `${name}.crt`),
    secrets.read(topology, `${name}.key`),
  ]);
  if (certificate === undefined) return undefined;
  return { certificate: certificate.toString(), privateKey: privateKey?.toString() ?? '' };
}

function factsOf(pair: KeyPair, signer: KeyPair): StoredCertificate {
  const [parsed, issuer] = [certificateIn(pair.certificate), certificateIn(signer.certificate)];
  if (parsed === undefined) return 'unreadable';
  const key = keyIn(pair.privateKey);
  const names = (parsed.subjectAltName ?? '').split(', ');
  return {
    commonName: /^CN=(.*)$/m.exec(parsed.subject)?.[1] ?? '',
    isCa: parsed.ca,
    dns: names.filter((name) => name.startsWith('DNS:')).map((name) => name.slice(4)),
    ips: names.filter((name) => name.startsWith('IP Address:')).map((name) => name.slice(11)),
    ...extensionsIn(parsed.raw),
    ...usagesOf(parsed),
    notBefore: Date.parse(parsed.validFrom),
    notAfter: Date.parse(parsed.validTo),
    signerNotAfter: issuer === undefined ? 0 : Date.parse(issuer.validTo),
    keyMatches: key !== undefined && parsed.checkPrivateKey(key),
    signedBySigner: issuer !== undefined && parsed.checkIssued(issuer) && parsed.verify(issuer.publicKey),
  };
}

/** Ids of extended key usages, of which a certificate without the extension has all. */
const USAGES: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.3.1': 'serverAuth',
  '1.3.6.1.5.5.7.3.2': 'clientAuth',
};

/** Node calls the ids of extended key usages `keyUsage`; its types have them always. */
function usagesOf({ keyUsage }: { keyUsage?: string[] }): { usages?: string[] } {
  return keyUsage === undefined ? {} : { usages: keyUsage.map((id) => USAGES[id] ?? id) };
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
