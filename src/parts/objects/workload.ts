import type { CoreV1Event, V1Deployment, V1Pod, V1StatefulSet } from '@kubernetes/client-node';
import type { Verdict } from '../../contract/checks.js';
import { parseObject } from '../../contract/json.js';
import { cut, printable } from '../../contract/printable.js';
import { fail, pass } from '../../domain/checks/verdict.js';
import { redact } from '../../domain/secrets/redact.js';
import type { ObjectRef } from '../../domain/kubernetes/objects.js';
import {
  creationTrouble,
  isNew,
  isOld,
  podBeingMade,
  refusalsPath,
  refusalTrouble,
  warningsPath,
} from '../../domain/kubernetes/pod-events.js';
import { OF_NATS, podTrouble, withImage, type Trouble } from '../../domain/kubernetes/pod-trouble.js';
import { hasImage } from './node-images.js';
import type { Site } from '../site.js';
import type { Missing } from '../waiting/wait.js';

/** Either, as far as both have it. */
type Workload = V1Deployment & V1StatefulSet;

/** Characters of what pods say. */
const MAX_WORDS = 700;
/** How far back a log may say why a container ended. */
const LOG_SECONDS = 600;

/** undefined: the workload is up. Otherwise what is missing, and what its pods say about it. */
export async function workloadState(
  site: Site,
  ref: ObjectRef & { metadata: { namespace?: string } },
  stateOf: (seen: Workload | undefined) => string | undefined,
  crashSeconds = OF_NATS,
): Promise<Missing | undefined> {
  const kube = await site.kube();
  const seen = await kube.read<Workload>(ref);
  const missing = stateOf(seen);
  if (missing === undefined) return undefined;
  if (isNew(seen?.metadata?.creationTimestamp, site.clock.now())) return { saw: missing };
  const { namespace = 'default' } = ref.metadata;
  const selector = Object.entries(seen?.spec?.selector.matchLabels ?? {}).map(([label, value]) => `${label}=${value}`);
  if (selector.length === 0) return { saw: missing };
  const pods = await kube.pods(namespace, selector.join(','));
  const trouble =
    pods.length === 0 && isOld(seen?.metadata?.creationTimestamp, site.clock.now())
      ? refusalTrouble(ref, await eventsAt(site, refusalsPath(namespace)))
      : ((await pullTrouble(site, podTrouble(pods, crashSeconds))) ?? (await troubleOfCreation(site, pods)));
  if (trouble === undefined) return { saw: missing };
  const words = cut(printable(redact(await wordsOf(site, namespace, trouble))), MAX_WORDS);
  return { saw: `${missing}; ${words}`, permanent: trouble.permanent };
}

async function pullTrouble(site: Site, trouble: Trouble | undefined): Promise<Trouble | undefined> {
  return trouble?.needs !== undefined && (await hasImage(site, trouble.needs)) ? withImage(trouble) : trouble;
}

async function troubleOfCreation(site: Site, pods: readonly V1Pod[]): Promise<Trouble | undefined> {
  const pod = podBeingMade(pods, site.clock.now());
  return pod && creationTrouble(pod, await eventsAt(site, warningsPath(pod)));
}

async function eventsAt(site: Site, path: string): Promise<CoreV1Event[]> {
  const { body } = await (await site.kube()).get(path);
  return parseObject<{ items?: CoreV1Event[] }>(body, {}).items ?? [];
}

export const judgeMissing = (missing: Missing | undefined, because: string): Verdict =>
  missing === undefined ? pass() : fail(`${because}: ${missing.saw}`, undefined, missing.permanent);

/** With the last line of the log, which says more than an exit code. */
async function wordsOf(site: Site, namespace: string, { pod, saw, crashed }: Trouble): Promise<string> {
  if (crashed === undefined) return saw;
  const kube = await site.kube();
  const log = await kube.podLogs(namespace, pod, { sinceSeconds: LOG_SECONDS, container: crashed }).catch(() => '');
  const line = log.trim().split('\n').at(-1) ?? '';
  return line === '' ? saw : `${saw}: ${line.slice(0, 300)}`;
}
