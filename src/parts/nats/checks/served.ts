import { X509Certificate } from 'node:crypto';
import type { CheckCategory } from '../../../contract/checks.js';
import { fail, pass } from '../../../domain/checks/verdict.js';
import { check, type Check, type CheckKey } from '../../check.js';
import type { Site } from '../../site.js';
import type { Door } from '../clients.js';
import { sameCertificate, servedAt } from '../reload/served.js';

interface Served {
  /** PEM, by port of the server, in the order of the doors. */
  shown: string[];
  stored: string | undefined;
}

interface Expectation {
  id: string;
  category: CheckCategory;
  subject: string;
  /** Default: that the server shows it. */
  title?: string;
  /** Of the certificate in the store. */
  name: string;
  needs: readonly CheckKey[];
  doors: (site: Site) => Door[];
}

/** Of what is on the wire: the store may be right, and the server still show an old certificate, or another one. */
export const servesStored = ({ name, doors, ...about }: Expectation): Check =>
  check<Served>({
    title: 'the server shows the certificate that is in the store',
    ...about,
    severity: 'error',
    retry: { forSeconds: 10, everySeconds: 1 },
    probe: async (site) => {
      const stored = await site.ports.secrets.read(site.topology, `${name}.crt`);
      return { shown: await Promise.all(doors(site).map(servedAt)), stored: stored?.toString() };
    },
    judge: ({ shown, stored }) => {
      if (stored === undefined) return fail(`${name} is not in the store`);
      const other = shown.find((pem) => !sameCertificate(pem, stored));
      return other === undefined ? pass() : fail(`the server shows another certificate than ${name}`, serialOf(other));
    },
  });

function serialOf(pem: string): string {
  const { serialNumber, validTo } = new X509Certificate(pem);
  return `serial ${serialNumber}, valid until ${new Date(validTo).toISOString()}`;
}
