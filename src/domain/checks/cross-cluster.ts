import type { Cluster, Topology } from '../../contract/topology.js';
import { check, fail, pass, type Check } from './check.js';
import type { Attempt, Intruder } from './world.js';

export const crossClusterChecks = (topology: Topology): Check[] => [
  ...topology.leaves.flatMap((leaf) => [
    nonceCheck('message-broker-to-leaf', topology.broker, leaf, leaf),
    nonceCheck('message-leaf-to-broker', leaf, topology.broker, leaf),
    subscriberCheck(topology, leaf),
  ]),
  ...INTRUDERS.map((intruder) => refusal(topology.broker, intruder)),
];

const nonceCheck = (id: string, from: Cluster, to: Cluster, leaf: Cluster): Check =>
  check<{ arrived: boolean; latencyMs: number }>({
    id,
    category: 'cross-cluster',
    subject: `${from.name} → ${to.name}`,
    title: 'a fresh nonce crosses',
    severity: 'error',
    needs: [`leaf-linked@${leaf.name}`, `leaf-accepts-probe@${leaf.name}`],
    retry: { forSeconds: 30, everySeconds: 1 },
    probe: (world) => world.nonce(from.name, to.name),
    judge: ({ arrived, latencyMs }) => (arrived ? pass(`${latencyMs.toFixed(1)} ms`) : fail('it did not arrive')),
  });

/** The text that the publisher sends; see domain/nats/programs.ts. */
const MESSAGE = /Message #(\d+) - Published at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g;

const subscriberCheck = ({ broker, nats }: Topology, leaf: Cluster): Check =>
  check<string>({
    id: 'subscriber-receives-publisher',
    category: 'cross-cluster',
    subject: `${broker.name} → ${leaf.name}`,
    title: "the subscriber prints the publisher's messages",
    severity: 'error',
    needs: [`leaf-linked@${leaf.name}`],
    // A program that started before its server restarts after the kubelet's back-off of up to 40 s.
    retry: { forSeconds: 90 + 2 * nats.publishEverySeconds, everySeconds: 0.5 },
    probe: (world) => world.recentLogs(leaf.name, 'subscriber', 2 * nats.publishEverySeconds + 5),
    judge: (log) => {
      const numbers = [...log.matchAll(MESSAGE)].map((match) => Number(match[1]));
      const last = numbers.at(-1);
      return last === undefined
        ? fail('no message of the publisher in its log', log.split('\n').slice(-3).join(' | ') || 'nothing')
        : pass(`Message #${last}`);
    },
  });

interface Refusal {
  id: string;
  as: Intruder;
  title: string;
  /** Only where a rightful one gets in does a refusal prove anything. */
  after?: string;
}

const INTRUDERS: Refusal[] = [
  { id: 'refuses-no-certificate', as: 'no-certificate', title: 'the broker refuses a client without a certificate' },
  { id: 'refuses-foreign-ca', as: 'foreign-ca', title: 'the broker refuses a certificate of another CA' },
  {
    id: 'refuses-subscriber-publishing',
    as: 'subscriber-publishes',
    title: "the subscriber's certificate cannot publish",
  },
  { id: 'refuses-plaintext', as: 'plaintext', title: 'the broker refuses plaintext' },
  {
    id: 'refuses-publisher-as-leaf',
    as: 'publisher-as-leaf',
    title: "the publisher's certificate opens no leaf link",
    after: 'broker-lists-leaves',
  },
];

const refusal = (broker: Cluster, { id, as, title, after = 'broker-accepts-probe' }: Refusal): Check =>
  check<Attempt>({
    id,
    category: 'cross-cluster',
    subject: broker.name,
    title,
    severity: 'error',
    needs: [`${after}@${broker.name}`],
    retry: { forSeconds: 10, everySeconds: 1 },
    probe: (world) => world.intrude(as),
    judge: (attempt) => {
      if (attempt.outcome === 'refused') return pass(attempt.saw);
      return attempt.outcome === 'accepted' ? fail('it was let in') : fail('the broker was not reached', attempt.saw);
    },
  });
