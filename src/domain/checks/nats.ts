import type { Cluster, Topology } from '../../contract/topology.js';
import { check, fail, pass, type Check } from './check.js';
import type { Attempt, Leafz } from './world.js';
import { leafRole } from '../nats/names.js';

export const brokerChecks = ({ broker, leaves }: Topology): Check[] => [
  check<{ ready: number; all: number }>({
    id: 'broker-ready',
    category: 'nats-broker',
    subject: broker.name,
    title: 'the broker pod is Ready',
    severity: 'error',
    needs: [`kubernetes-ready@${broker.name}`],
    retry: { forSeconds: 60, everySeconds: 1 },
    probe: (world) => world.podsReady(broker.name, 'nats-broker'),
    judge: judgePods,
  }),
  check<Leafz>({
    id: 'broker-lists-leaves',
    category: 'nats-broker',
    subject: broker.name,
    title: 'the broker lists every leaf node, in account APP',
    severity: 'error',
    needs: [`broker-ready@${broker.name}`],
    retry: { forSeconds: 60, everySeconds: 1 },
    probe: (world) => world.leafz(broker.name),
    judge: ({ leafs }) => {
      const linked = leafs.filter((leaf) => leaf.account === 'APP').map((leaf) => leaf.name);
      const missing = leaves.map((leaf) => leafRole(leaf.name)).filter((name) => !linked.includes(name));
      return missing.length === 0
        ? pass(linked.join(', '))
        : fail(`${missing.join(', ')} is not linked`, linked.join(', ') || 'no leaf node');
    },
  }),
  check<Attempt>({
    id: 'broker-accepts-probe',
    category: 'nats-broker',
    subject: broker.name,
    title: "a client with the probe's certificate gets in through the external port",
    severity: 'error',
    needs: [`broker-ready@${broker.name}`],
    retry: { forSeconds: 30, everySeconds: 1 },
    probe: (world) => world.roundTrip(broker.name),
    judge: judgeEntry,
  }),
];

export const leafChecks = ({ broker }: Topology, leaf: Cluster): Check[] => [
  check<{ ready: number; all: number }>({
    id: 'leaf-ready',
    category: 'nats-leaf',
    subject: leaf.name,
    title: 'the leaf node pod is Ready',
    severity: 'error',
    needs: [`kubernetes-ready@${leaf.name}`],
    retry: { forSeconds: 60, everySeconds: 1 },
    probe: (world) => world.podsReady(leaf.name, 'nats-leaf'),
    judge: judgePods,
  }),
  check<Leafz>({
    id: 'leaf-linked',
    category: 'nats-leaf',
    subject: leaf.name,
    title: 'the leaf node holds its link to the broker',
    severity: 'error',
    needs: [`leaf-ready@${leaf.name}`],
    retry: { forSeconds: 60, everySeconds: 1 },
    probe: (world) => world.leafz(leaf.name),
    judge: ({ leafs }) => {
      const link = leafs.find((candidate) => candidate.is_spoke && candidate.name === `broker-${broker.name}`);
      if (link === undefined)
        return fail(`no link to broker-${broker.name}`, leafs.map(({ name }) => name).join(', ') || 'no link');
      return link.rtt === undefined ? fail('the link has no round trip yet') : pass(`round trip ${link.rtt}`);
    },
  }),
  check<Attempt>({
    id: 'leaf-accepts-probe',
    category: 'nats-leaf',
    subject: leaf.name,
    title: "a client with the probe's certificate gets in at the leaf node",
    severity: 'error',
    needs: [`leaf-ready@${leaf.name}`],
    retry: { forSeconds: 30, everySeconds: 1 },
    probe: (world) => world.roundTrip(leaf.name),
    judge: judgeEntry,
  }),
];

function judgePods({ ready, all }: { ready: number; all: number }) {
  return all > 0 && ready === all ? pass() : fail('not every pod is Ready', `${ready} of ${all}`);
}

function judgeEntry(attempt: Attempt) {
  return attempt.outcome === 'accepted'
    ? pass(`round trip ${attempt.latencyMs.toFixed(1)} ms`)
    : fail('the client was not let in', attempt.saw);
}
