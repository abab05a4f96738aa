import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { ProvisionError } from '../contract/errors.js';
import { certificatesOf, type PkiSpec } from '../domain/pki/profiles.js';
import { planCertificate, type StoredCertificate } from '../domain/pki/reuse.js';
import { guarded } from './activity.js';
import type { KeyPair, Ports } from '../parts/ports.js';

export const pkiActivities = ({ secrets, mint, clock }: Ports) => ({
  /** Issues what is missing or does not fit, reuses the rest. @throws ProvisionError PKI_INVALID for a root that does not fit */
  ensurePki: guarded(async (spec: PkiSpec) => {
    const pairs = new Map<string, KeyPair>();
    const changed: string[] = [];
    for (const certificate of certificatesOf(spec)) {
      const signer = certificate.signer === undefined ? undefined : pairs.get(certificate.signer);
      const stored = await readPair(secrets, spec.topology, certificate.name);
      const step = planCertificate(certificate, stored && factsOf(stored, signer ?? stored), clock.now());
      if (step.kind === 'refuse')
        throw new ProvisionError(
          'PKI_INVALID',
          `${certificate.name}: ${step.because}, and a root is never replaced in silence`,
          'restore the topology’s secrets from a backup, or tear down with --purge and provision anew',
        );
      if (stored !== undefined && step.kind === 'reuse') {
        pairs.set(certificate.name, stored);
        continue;
      }
      const pair = await (signer === undefined
        ? mint.selfSigned(certificate.profile)
        : mint.signedBy(signer, certificate.profile));
      // The key first: a certificate without its key would be refused as a broken pair.
      await secrets.write(spec.topology, `${certificate.name}.key`, pair.privateKey);
      await secrets.write(spec.topology, `${certificate.name}.crt`, pair.certificate);
      pairs.set(certificate.name, pair);
      changed.push(`issued ${certificate.name}`);
    }
    return { changed };
  }),
});

/** An interrupted run may leave a key without its certificate: that pair counts as absent. */
export async function readPair(
  secrets: Ports['secrets'],
  topology: string,
  name: string,
): Promise<KeyPair | undefined> {
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

/** A file that was damaged says nothing else, however often it is read. */
const certificateIn = (pem: string): X509Certificate | undefined => orNothing(() => new X509Certificate(pem));
const keyIn = (pem: string): KeyObject | undefined => orNothing(() => createPrivateKey(pem));

function orNothing<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
