import type { Scope } from '../../../contract/topology/scope.js';
import { counted } from '../../../domain/checks/counted.js';
import { fail, pass } from '../../../domain/checks/verdict.js';
import { statefulSetState } from '../../../domain/kubernetes/workloads.js';
import { hasDemo } from '../../../domain/accounts/accounts.js';
import { BROKER_WORKLOAD } from '../../../domain/nats/broker.js';
import { leafRole } from '../../../domain/nats/names.js';
import type { Leafz } from '../../../domain/nats/monitor.js';
import { BROKER_SERVER } from '../../../domain/pki/profiles.js';
import { check, type Check } from '../../check.js';
import { kubernetesReady } from '../../host/k3s.js';
import type { Missing } from '../../waiting/wait.js';
import { judgeMissing, workloadState } from '../../objects/workload.js';
import { linkDoor, serviceDoor, type BrokerDoor, type Door } from '../clients.js';
import { brokerAccountChecks } from './account-checks.js';
import { attempted, judgeEntry, judgeRefusal, type Attempt } from './attempt.js';
import { enter } from './entry.js';
import { inPlaintext, ofAnotherCa, publisherAsLeaf, subscriberPublishes, withoutCertificate } from './intruders.js';
import { brokerAccepts, brokerReady } from './keys.js';
import { leafzOf } from './leaf-links.js';
import { servesStored } from './served.js';

/** Names that a verdict lists; the rest is a number. */
const MAX_NAMES = 10;

/** Who is linked to the broker, who gets in and who does not. */
export const brokerChecks = (scope: Scope, door: BrokerDoor): Check[] => [
  ready(scope),
  listsLeaves(scope),
  check<Attempt>({
    id: 'broker-accepts-probe',
    category: 'nats-broker',
    subject: scope.cluster.name,
    title: "a client with the probe's certificate gets in through the client port",
    severity: 'error',
    needs: [brokerReady(scope.cluster.name)],
    retry: { forSeconds: 30, everySeconds: 1 },
    probe: (site) => enter(door(site)),
    judge: judgeEntry,
  }),
  servesStored({
    id: 'broker-serves-certificate',
    category: 'nats-broker',
    subject: scope.cluster.name,
    name: BROKER_SERVER,
    needs: [brokerReady(scope.cluster.name)],
    doors: (site) => [serviceDoor(site), linkDoor(site)],
  }),
  ...REFUSALS.filter(({ ofDemo }) => ofDemo === undefined || hasDemo(scope.settings.nats)).map((each) =>
    refusal(scope, door, each),
  ),
  ...brokerAccountChecks(scope, door),
];

const ready = ({ cluster }: Scope): Check =>
  check<Missing | undefined>({
    id: 'broker-ready',
    category: 'nats-broker',
    subject: cluster.name,
    title: 'the broker pod is Ready',
    severity: 'error',
    needs: [kubernetesReady(cluster.name)],
    retry: { forSeconds: 180, everySeconds: 0.2 },
    confirms: { code: 'NOT_READY', look: 'kubectl -n nats-system get events --sort-by=.lastTimestamp' },
    probe: (site) => workloadState(site, BROKER_WORKLOAD, statefulSetState),
    judge: (missing) => judgeMissing(missing, 'the broker is not ready'),
  });

/** A warning, since a leaf may be away. What proves a leaf is its own `broker-lists-leaf`. */
const listsLeaves = ({ cluster, leaves }: Scope): Check =>
  check<Leafz>({
    id: 'broker-lists-leaves',
    category: 'nats-broker',
    subject: cluster.name,
    title: 'the broker lists every leaf node, in account APP',
    severity: 'warning',
    ofFleet: true,
    needs: [brokerReady(cluster.name)],
    probe: (site) => leafzOf(site, 'nats-broker'),
    judge: ({ leafs }) => {
      const linked = new Set(leafs.filter(({ account }) => account === 'APP').map(({ name }) => name));
      const missing = leaves.map(leafRole).filter((name) => !linked.has(name));
      return missing.length === 0
        ? pass(counted(leaves.length, 'leaf node'))
        : fail(`the broker does not list ${missing.length} of ${leaves.length} leaf nodes: ${some(missing)}`);
    },
  });

function some(names: readonly string[]): string {
  const more = names.length - MAX_NAMES;
  return names.slice(0, MAX_NAMES).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

interface Refusal {
  id: string;
  title: string;
  attempt: (door: Door) => Promise<Attempt>;
  /** It needs a program of the demonstration. */
  ofDemo?: true;
}

const REFUSALS: readonly Refusal[] = [
  {
    id: 'refuses-no-certificate',
    title: 'the broker refuses a client without a certificate',
    attempt: withoutCertificate,
  },
  { id: 'refuses-foreign-ca', title: 'the broker refuses a certificate of an untrusted CA', attempt: ofAnotherCa },
  {
    id: 'refuses-subscriber-publishing',
    title: "the subscriber's certificate cannot publish",
    attempt: subscriberPublishes,
    ofDemo: true,
  },
  { id: 'refuses-plaintext', title: 'the broker refuses plaintext', attempt: inPlaintext },
  {
    id: 'refuses-publisher-as-leaf',
    title: "the publisher's certificate opens no leaf link",
    attempt: publisherAsLeaf,
  },
];

/** Only where a rightful client gets in does a refusal prove anything. */
const refusal = ({ cluster }: Scope, door: BrokerDoor, { id, title, attempt }: Refusal): Check =>
  check<Attempt>({
    id,
    category: 'cross-cluster',
    subject: cluster.name,
    title,
    severity: 'error',
    needs: [brokerAccepts(cluster.name)],
    retry: { forSeconds: 10, everySeconds: 1 },
    probe: (site) => attempted(() => attempt(door(site))),
    judge: judgeRefusal,
  });
