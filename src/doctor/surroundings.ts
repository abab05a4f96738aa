import type { CoreV1Event, V1Pod } from '@kubernetes/client-node';
import { messageOf } from '../contract/caught.js';
import { parseObject } from '../contract/json.js';
import { cut, printable } from '../contract/printable.js';
import { LINKERD_NAMESPACE, MULTICLUSTER_NAMESPACE } from '../domain/linkerd/names.js';
import { NATS_NAMESPACE } from '../domain/nats/names.js';
import { redact } from '../domain/secrets/redact.js';
import type { Site } from '../parts/site.js';

/** What is around the checks of a cluster, for a person who reads it later. */
export interface Surroundings {
  cluster: string;
  /** The latest events of the cluster, a line each. */
  events: string;
  /** By pod, the end of the log of each container. */
  logs: Record<string, string>;
}

const EVENTS_PATH = '/api/v1/events?limit=500';
const SINCE_SECONDS = 3_600;
/** Characters of one text. */
const MAX_CHARS = 40_000;

const fromOutside = (text: string): string => cut(redact(text).split('\n').map(printable).join('\n'), MAX_CHARS);

/** Events and logs of a cluster, without what is secret. A cluster that does not respond says so instead. */
export async function surroundingsOf(site: Site): Promise<Surroundings> {
  const [events, logs] = await Promise.all([
    eventsOf(site).catch((error: unknown) => `no events: ${messageOf(error)}`),
    logsOf(site).catch((error: unknown) => ({ none: messageOf(error) })),
  ]);
  return {
    cluster: site.cluster,
    events: fromOutside(events),
    logs: Object.fromEntries(Object.entries(logs).map(([pod, text]) => [pod, fromOutside(text)])),
  };
}

async function eventsOf(site: Site): Promise<string> {
  const { body } = await (await site.kube()).get(EVENTS_PATH);
  const { items = [] } = parseObject<{ items?: (CoreV1Event & { lastTimestamp?: string })[] }>(body, {});
  return items
    .map(({ lastTimestamp = '', involvedObject: { kind, name, namespace }, reason = '', message = '' }) =>
      [lastTimestamp, namespace, `${kind ?? '?'}/${name ?? '?'}`, reason, message.replaceAll('\n', ' ')].join(' '),
    )
    .sort()
    .join('\n');
}

async function logsOf(site: Site): Promise<Record<string, string>> {
  const kube = await site.kube();
  const namespaces = [NATS_NAMESPACE, LINKERD_NAMESPACE, MULTICLUSTER_NAMESPACE];
  const pods = (await Promise.all(namespaces.map((namespace) => kube.pods(namespace, '')))).flat();
  const all = await Promise.all(
    pods.flatMap((pod) =>
      containersOf(pod).map(async (container) => {
        const [name, namespace] = [pod.metadata?.name ?? '?', pod.metadata?.namespace ?? ''];
        const log = kube.podLogs(namespace, name, { sinceSeconds: SINCE_SECONDS, container });
        const text = await log.catch((error: unknown) => `no log: ${messageOf(error)}`);
        return [`${namespace}/${name}/${container}`, text.slice(-MAX_CHARS)] as const;
      }),
    ),
  );
  return Object.fromEntries(all);
}

const containersOf = ({ spec }: V1Pod): string[] =>
  [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(({ name }) => name);
