import { X509Certificate } from 'node:crypto';
import { daysUntil } from '../../../domain/pki/reuse.js';
import type { Context } from '../../context.js';
import type { Choice } from '../../topologies/choose.js';
import { readClusters } from './in-clusters.js';
import { exportedName, openMaterial } from './material.js';

interface Listed {
  name: string;
  commonName: string;
  notAfter: string;
  daysLeft: number;
  /** SHA-256, hex. */
  fingerprint: string;
}

interface Certificates {
  /** Those first that end first. */
  certificates: Listed[];
  /** Hosts that could not be asked. */
  failures: { host: string; because: string }[];
}

interface Wanted {
  /** Only those in the state directory; no host is asked. */
  stored: boolean;
  /** Of these clusters only; absent: of all. */
  clusters?: ReadonlySet<string>;
}

/** All certificates of a topology: the stored ones, K3s's own, and those of Linkerd's webhooks. */
export async function seeCertificates(context: Context, choice: Choice, wanted: Wanted): Promise<Certificates> {
  const { names, read } = await openMaterial(context, choice);
  const ours = await Promise.all(
    names.filter((name) => name.endsWith('.crt')).map(async (name) => factsOf(exportedName(name), await read(name))),
  );
  const seen = wanted.stored ? [] : await readClusters(context, choice, wanted.clusters);
  const theirs = seen.flatMap(({ certificates }) => certificates.flatMap(({ name, pem }) => ifReadable(name, pem)));
  return {
    certificates: [...ours, ...theirs].sort(
      (left, right) => left.notAfter.localeCompare(right.notAfter) || left.name.localeCompare(right.name),
    ),
    failures: seen.flatMap(({ host, failure }) => (failure === undefined ? [] : [{ host, because: failure }])),
  };
}

/** What a host prints may be cut off. */
function ifReadable(name: string, pem: string): Listed[] {
  try {
    return [factsOf(name, pem)];
  } catch {
    return [];
  }
}

function factsOf(name: string, pem: Buffer | string): Listed {
  const { subject, validTo, fingerprint256 } = new X509Certificate(pem);
  const end = Date.parse(validTo);
  return {
    name,
    commonName: /^CN=(.*)$/m.exec(subject)?.[1] ?? '',
    notAfter: new Date(end).toISOString(),
    daysLeft: daysUntil(end, Date.now()),
    fingerprint: fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}
