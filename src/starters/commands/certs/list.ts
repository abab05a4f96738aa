import { X509Certificate } from 'node:crypto';
import { RENEW_BEFORE_DAYS } from '../../../domain/pki/profiles.js';
import { daysUntil } from '../../../domain/pki/reuse.js';
import type { Context } from '../../context.js';
import { printData, printJson, say } from '../../io.js';
import { renderTable } from '../../terminal/table.js';
import type { Choice } from '../../topologies/choose.js';
import { readClusters } from './in-clusters.js';
import { exportedName, openMaterial } from './material.js';

export interface ListOptions {
  json?: boolean;
  /** Only those in the state directory; no host is asked. */
  stored?: boolean;
}

interface Listed {
  name: string;
  commonName: string;
  notAfter: string;
  daysLeft: number;
}

/** All certificates of a topology, those first that end first: the stored ones, and those that clusters make themselves. */
export async function listCerts(context: Context, choice: Choice, { json, stored }: ListOptions): Promise<number> {
  const { names, read } = await openMaterial(context, choice);
  const ours = await Promise.all(
    names.filter((name) => name.endsWith('.crt')).map(async (name) => factsOf(exportedName(name), await read(name))),
  );
  const all = [...ours, ...(stored === true ? [] : await inClusters(context, choice))].sort(
    (left, right) => left.notAfter.localeCompare(right.notAfter) || left.name.localeCompare(right.name),
  );
  if (json === true) printJson(context.io, all);
  else {
    const rows = all.map(({ name, commonName, notAfter, daysLeft }) => [
      name,
      commonName,
      notAfter.slice(0, 10),
      daysLeft < RENEW_BEFORE_DAYS ? context.style.yellow(String(daysLeft)) : String(daysLeft),
    ]);
    printData(context.io, renderTable(['CERTIFICATE', 'NAME', 'EXPIRES', 'DAYS LEFT'], rows, context.style));
  }
  return 0;
}

/** K3s's own, and those of Linkerd's webhooks. A host that does not respond is named. */
async function inClusters(context: Context, choice: Choice): Promise<Listed[]> {
  const seen = await readClusters(context, choice);
  for (const { host, failure } of seen)
    if (failure !== undefined) say(context.io, `the certificates that ${host} itself has are not listed: ${failure}`);
  return seen.flatMap(({ certificates }) => certificates.flatMap(({ name, pem }) => ifReadable(name, pem)));
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
  const { subject, validTo } = new X509Certificate(pem);
  const end = Date.parse(validTo);
  return {
    name,
    commonName: /^CN=(.*)$/m.exec(subject)?.[1] ?? '',
    notAfter: new Date(end).toISOString(),
    daysLeft: daysUntil(end, Date.now()),
  };
}
