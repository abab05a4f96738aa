import type { Scope } from '../../../contract/topology/scope.js';
import { fail, pass } from '../../../domain/checks/verdict.js';
import { OF_NATS, podTrouble, type Trouble } from '../../../domain/kubernetes/pod-trouble.js';
import { NATS_NAMESPACE } from '../../../domain/nats/names.js';
import { check, type Check } from '../../check.js';
import type { Site } from '../../site.js';
import { leafDoor, withClient, type BrokerDoor, type Door } from '../clients.js';
import { cross, type Crossing } from './crossing.js';
import { leafAccepts, leafLinked } from './keys.js';

/** Messages of the prober, in both directions. They belong to the leaf, whatever cluster sends. */
export const messageChecks = ({ settings: { broker }, cluster }: Scope, door: BrokerDoor): Check[] => {
  const ends = (site: Site): [hub: Door, leaf: Door] => [door(site.hub), leafDoor(site)];
  const crossing = (id: string, subject: string, probe: (site: Site) => Promise<Crossing>): Check =>
    check<Crossing>({
      id,
      category: 'cross-cluster',
      subject,
      title: 'a new message crosses the link',
      severity: 'error',
      needs: [leafLinked(cluster.name), leafAccepts(cluster.name)],
      retry: { forSeconds: 30, everySeconds: 1 },
      probe,
      judge: ({ arrived, latencyMs }) =>
        arrived ? pass(`${latencyMs.toFixed(1)} ms`) : fail('no message arrived within 3 s'),
    });
  return [
    crossing('message-broker-to-leaf', `${broker.name} → ${cluster.name}`, (site) => {
      const [hub, leaf] = ends(site);
      return between(hub, leaf);
    }),
    crossing('message-leaf-to-broker', `${cluster.name} → ${broker.name}`, (site) => {
      const [hub, leaf] = ends(site);
      return between(leaf, hub);
    }),
  ];
};

const between = (from: Door, to: Door): Promise<Crossing> =>
  withClient(from, 'probe', (sender) =>
    withClient(to, 'probe', (receiver) => cross(sender, receiver, from.site.clock, from.site.work.signal)),
  );

/** The text that the publisher sends; see domain/nats/programs.ts. */
const MESSAGE = /Message #(\d+) - Published at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g;

/** A longer wait for the publisher's next message would outlast the activity. */
const WAITED_FOR_SECONDS = 120;

interface Heard {
  log: string;
  /** Since when the subscriber's pod runs; undefined: there is none, or it does not say. */
  listeningSeconds: number | undefined;
  /** Why its pod does not run, when waiting does not help. */
  trouble?: Trouble | undefined;
}

export function receivesPublisher({ settings: { broker, nats }, cluster }: Scope): Check {
  const every = nats.publishEverySeconds;
  const waits = every <= WAITED_FOR_SECONDS;
  const nextMessage = waits ? 2 * every : 0;
  return check<Heard>({
    id: 'subscriber-receives-publisher',
    category: 'cross-cluster',
    subject: `${broker.name} → ${cluster.name}`,
    title: "the subscriber prints the publisher's messages",
    severity: 'error',
    needs: [leafLinked(cluster.name)],
    // A program that started before its server restarts after the kubelet's back-off of up to 40 s.
    retry: { forSeconds: 90 + nextMessage, everySeconds: 0.5, atLeastSeconds: 30 + nextMessage },
    probe: (site) => heardBy(site, 'subscriber', 2 * every + 5),
    judge: ({ log, listeningSeconds, trouble }) => {
      if (trouble !== undefined) return fail('the subscriber does not run', trouble.saw, trouble.permanent);
      const last = [...log.matchAll(MESSAGE)].at(-1)?.[1];
      if (last !== undefined) return pass(`Message #${last}`);
      if (!waits && listeningSeconds !== undefined && listeningSeconds < 2 * every)
        return {
          state: 'skip',
          because: `the publisher sends every ${every} s, and the subscriber has listened for ${listeningSeconds} s`,
        };
      return fail(
        "the subscriber's log has no message of the publisher",
        log.trim().split('\n').slice(-3).join(' | ') || 'nothing',
      );
    },
  });
}

async function heardBy(site: Site, app: string, sinceSeconds: number): Promise<Heard> {
  const kube = await site.kube();
  const pods = await kube.pods(NATS_NAMESPACE, `app=${app}`);
  const trouble = podTrouble(pods, OF_NATS);
  // It has no log, or one that says less.
  if (trouble?.permanent !== undefined) return { log: '', listeningSeconds: undefined, trouble };
  const logs = pods.map(({ metadata }) => kube.podLogs(NATS_NAMESPACE, metadata?.name ?? '', { sinceSeconds }));
  const [started] = pods.flatMap(({ status }) => status?.startTime ?? []);
  return {
    log: (await Promise.all(logs)).join('\n'),
    listeningSeconds: started && Math.floor((site.clock.now() - new Date(started).getTime()) / 1_000),
  };
}
