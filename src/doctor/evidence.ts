import { cut, printable } from '../contract/printable.js';
import { keyOf, type Examined } from '../domain/diagnosis/examined.js';
import { NATS_NAMESPACE } from '../domain/nats/names.js';
import { redact } from '../domain/secrets/redact.js';
import type { Site } from '../parts/site.js';

/** Characters of a log that are shown. */
const MAX_SAID = 400;
const SINCE_SECONDS = 120;
/** Lines in which a NATS server says why a link is not made. */
const TELLS = /\[ERR\]|refused|timeout|tls|certificate|authorization|no route|closed/i;

/** Of a link that is not there, what the leaf node itself says last about it. */
export async function withEvidence(
  checks: readonly Examined[],
  sites: ReadonlyMap<string, Site>,
  limitMs: number,
): Promise<Examined[]> {
  const holds = new Set(checks.filter(({ verdict }) => verdict.state === 'pass').map(keyOf));
  return Promise.all(
    checks.map(async (check) => {
      const { verdict, cluster, id } = check;
      const site = sites.get(cluster);
      if (id !== 'leaf-linked' || verdict.state !== 'fail' || site === undefined) return check;
      if (!holds.has(keyOf({ id: 'leaf-ready', subject: cluster }))) return check;
      const said = await lastWords(site, limitMs);
      return said === undefined ? check : { ...check, verdict: { ...verdict, saw: said } };
    }),
  );
}

async function lastWords(site: Site, limitMs: number): Promise<string | undefined> {
  const log = site
    .kube()
    .then((kube) => kube.podLogs(NATS_NAMESPACE, 'nats-leaf-0', { sinceSeconds: SINCE_SECONDS, container: 'nats' }));
  const late = new Promise<string>((resolve) => setTimeout(() => resolve(''), limitMs / 4).unref());
  const text = await Promise.race([log.catch(() => ''), late]);
  const line = text
    .trim()
    .split('\n')
    .filter((each) => TELLS.test(each))
    .at(-1);
  return line === undefined ? undefined : cut(printable(redact(line)), MAX_SAID);
}
