import { RENEW_BEFORE_DAYS } from '../../../domain/pki/profiles.js';
import type { Context } from '../../context.js';
import { printData, printJson, say } from '../../io.js';
import { renderTable } from '../../terminal/table.js';
import type { Choice } from '../../topologies/choose.js';
import { seeCertificates } from './all.js';

export interface ListOptions {
  json?: boolean;
  /** Only those in the state directory; no host is asked. */
  stored?: boolean;
}

/** All certificates of a topology, those first that end first: the stored ones, and those that clusters make themselves. */
export async function listCerts(context: Context, choice: Choice, { json, stored }: ListOptions): Promise<number> {
  const { certificates: all, failures } = await seeCertificates(context, choice, { stored: stored === true });
  for (const { host, because } of failures)
    say(context.io, `the certificates that ${host} itself has are not listed: ${because}`);
  if (json === true) printJson(context.io, all);
  else {
    const rows = all.map(({ name, commonName, notAfter, daysLeft }) => [
      daysLeft < RENEW_BEFORE_DAYS ? context.style.yellow(String(daysLeft)) : String(daysLeft),
      notAfter.slice(0, 10),
      name,
      commonName,
    ]);
    printData(context.io, renderTable(['DAYS', 'EXPIRES', 'CERTIFICATE', 'NAME'], rows, context.style));
  }
  return 0;
}
