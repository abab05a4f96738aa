import type { Scope } from '../../../contract/topology/scope.js';
import { fail, pass } from '../../../domain/checks/verdict.js';
import { statefulSetState } from '../../../domain/kubernetes/workloads.js';
import { LEAF_WORKLOAD } from '../../../domain/nats/leaf-node.js';
import type { Leafz } from '../../../domain/nats/monitor.js';
import { keyedRole, leafRole } from '../../../domain/nats/names.js';
import type { Connection } from '../../../domain/nats/strangers.js';
import { leafServer } from '../../../domain/pki/profiles.js';
import { check, type Check } from '../../check.js';
import type { Missing } from '../../waiting/wait.js';
import { judgeMissing, workloadState } from '../../objects/workload.js';
import { kubernetesReady } from '../../host/k3s.js';
import { leafDoor, type BrokerDoor } from '../clients.js';
import { leafAccountChecks, linkRuleChecks } from './account-checks.js';
import { judgeEntry, type Attempt } from './attempt.js';
import { enter } from './entry.js';
import { leafReady } from './keys.js';
import { connectionsOf, leafzOf } from './leaf-links.js';
import { messageChecks } from './messages.js';
import { servesStored } from './served.js';

/** That the leaf node runs, is linked as both ends see it, takes clients, and that messages cross. */
export const leafChecks = (scope: Scope, door: BrokerDoor): Check[] => [
  check<Missing | undefined>({
    id: 'leaf-ready',
    category: 'nats-leaf',
    subject: scope.cluster.name,
    title: 'the leaf node pod is Ready',
    severity: 'error',
    needs: [kubernetesReady(scope.cluster.name)],
    retry: { forSeconds: 180, everySeconds: 0.2 },
    confirms: { code: 'NOT_READY', look: 'kubectl -n nats-system get events --sort-by=.lastTimestamp' },
    probe: (site) => workloadState(site, LEAF_WORKLOAD, statefulSetState),
    judge: (missing) => judgeMissing(missing, 'the leaf node is not ready'),
  }),
  linked(scope),
  listed(scope),
  check<Attempt>({
    id: 'leaf-accepts-probe',
    category: 'nats-leaf',
    subject: scope.cluster.name,
    title: "a client with the probe's certificate gets in at the leaf node",
    severity: 'error',
    needs: [leafReady(scope.cluster.name)],
    retry: { forSeconds: 30, everySeconds: 1 },
    probe: (site) => enter(leafDoor(site)),
    judge: judgeEntry,
  }),
  servesStored({
    id: 'leaf-serves-certificate',
    category: 'nats-leaf',
    subject: scope.cluster.name,
    name: leafServer(scope.cluster.name),
    needs: [leafReady(scope.cluster.name)],
    doors: (site) => [leafDoor(site)],
  }),
  ...messageChecks(scope, door),
  ...linkRuleChecks(scope),
  ...leafAccountChecks(scope, door),
];

function linked({ cluster, settings: { broker } }: Scope): Check {
  const server = `broker-${broker.name}`;
  return check<Leafz>({
    id: 'leaf-linked',
    category: 'nats-leaf',
    subject: cluster.name,
    title: 'the leaf node is linked to the broker',
    severity: 'error',
    needs: [leafReady(cluster.name)],
    retry: { forSeconds: 60, everySeconds: 1 },
    probe: (site) => leafzOf(site, 'nats-leaf'),
    judge: ({ leafs }) => {
      const link = leafs.find(({ is_spoke, name, account }) => is_spoke && name === server && account === 'APP');
      if (link === undefined)
        return fail(`the leaf node has no link to ${server}`, leafs.map(({ name }) => name).join(', ') || 'no link');
      return link.rtt === undefined ? fail('the link has no round trip yet') : pass(`round trip ${link.rtt}`);
    },
  });
}

function listed({ cluster, settings }: Scope): Check {
  const role = keyedRole(leafRole(cluster.name), cluster.name, settings.nats.leafKeys);
  return check<Connection[]>({
    id: 'broker-lists-leaf',
    category: 'nats-leaf',
    subject: cluster.name,
    title: "the broker lists the leaf node by its certificate's user, in account APP",
    severity: 'error',
    needs: [leafReady(cluster.name)],
    retry: { forSeconds: 60, everySeconds: 1 },
    probe: (site) => connectionsOf(site.hub, cluster.name),
    judge: (connections) => {
      const link = connections.find(({ kind, account }) => kind === 'Leafnode' && account === 'APP');
      return link === undefined
        ? fail(
            `the broker does not list ${role} in account APP`,
            connections.map(({ kind = '?', account = '?' }) => `${kind} in ${account}`).join(', ') || 'no connection',
          )
        : pass(link.rtt === undefined ? undefined : `round trip ${link.rtt}`);
    },
  });
}
