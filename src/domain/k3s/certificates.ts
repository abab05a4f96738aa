const TLS = ['/var/lib/rancher/k3s/server/tls', '/var/lib/rancher/k3s/agent'];

/** The first certificate of each of K3s's files, after a line with the file's path. Only certificates are printed. */
export const k3sCertificatesScript = `
awk 'FNR == 1 {done = 0; print "certificate=" FILENAME} /-BEGIN CERTIFICATE-/ && !done {on = 1} on {print} \\
  /-END CERTIFICATE-/ {on = 0; done = 1}' ${TLS.map((directory) => `${directory}/*.crt`).join(' ')} 2>/dev/null
true
`;

export interface PrintedCertificate {
  name: string;
  pem: string;
}

/** A file that is empty or cut off has no certificate. */
export const parseCertificates = (output: string): PrintedCertificate[] =>
  [...output.matchAll(/^certificate=(.+)\n(-----BEGIN CERTIFICATE-----\n[^=]*=*\n-----END CERTIFICATE-----)$/gm)].map(
    ([, name = '', pem = '']) => ({ name, pem }),
  );

/** A certificate of K3s's own. It keeps its CAs, and renews what they have signed when it starts. */
export interface K3sCertificate {
  name: string;
  isCa: boolean;
  /** ms since the epoch. */
  notAfter: number;
}

/** What has less time left is renewed by a start of K3s: 90 days, and 120 from v1.31 on (pkg/daemons/control/deps). */
const RENEWED_AT_START_DAYS = 90;
const DAY_MS = 86_400_000;

export interface K3sAge {
  /** Of the running K3s, ms since the epoch; Infinity: none runs. */
  startedAt: number;
  now: number;
  renewBeforeDays: number;
}

/**
 * Why K3s is to be restarted; undefined: nothing would be gained. A start renews what ends within its own days, and one
 * within them that did not has left a certificate that is not K3s's to renew.
 */
export function whyRenew(
  all: readonly K3sCertificate[],
  { startedAt, now, renewBeforeDays }: K3sAge,
): string | undefined {
  const [first] = all
    .filter(({ isCa }) => !isCa)
    .filter(({ notAfter }) => startedAt < notAfter - RENEWED_AT_START_DAYS * DAY_MS)
    .sort((left, right) => left.notAfter - right.notAfter);
  if (first === undefined) return undefined;
  const days = Math.floor((first.notAfter - now) / DAY_MS);
  if (days >= Math.min(renewBeforeDays, RENEWED_AT_START_DAYS)) return undefined;
  const name = first.name.slice(first.name.lastIndexOf('/') + 1);
  return days < 0 ? `its ${name} has expired, which a start renews` : `its ${name} expires in ${days} days`;
}
