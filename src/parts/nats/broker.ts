import type { Step } from '../../contract/plan.js';
import type { Scope } from '../../contract/scope.js';
import { statefulSetState } from '../../domain/kubernetes/workloads.js';
import { BROKER_APP, BROKER_WORKLOAD, brokerObjects } from '../../domain/nats/broker.js';
import { brokerConf } from '../../domain/nats/conf.js';
import type { NodePorts } from '../../domain/nats/external-ports.js';
import { BROKER_SERVER } from '../../domain/pki/profiles.js';
import { check } from '../check.js';
import { kubernetesReady } from '../host/k3s.js';
import { actOnObjects, decideObjects, objectName, seeObjects, type ObjectSeen } from '../objects.js';
import { part, touching } from '../part.js';
import { plannedMaterial, sha256 } from '../pki/material.js';
import type { Missing } from '../wait.js';
import { judgeMissing, workloadState } from '../workload.js';
import { reloadBroker, runsOther, seeLoaded } from './broker-reload.js';
import { brokerChecks } from './checks/broker-checks.js';
import type { BrokerDoor } from './clients.js';
import { GRACE_SECONDS, isThere, leavesGone, podsGone, removeWorkload, seeEnding } from './departures.js';
import { cutOffLeaves, seeFormerLeaves, type FormerLeaf } from './former-leaves.js';
import type { Dress } from './dress.js';

const CONFIGURATION = 'configuration of the broker';
const CONFIG_MAP = `ConfigMap/${BROKER_APP}-config`;
const CONNECTION_OF = 'connection of ';

const RELOAD: Step = { verb: 'reload', object: CONFIGURATION, because: 'the broker runs with another one' };

const cutOff = ({ user }: FormerLeaf): Step => ({
  verb: 'delete',
  object: `${CONNECTION_OF}${user}`,
  because: 'the topology does not have this leaf',
});

export interface BrokerMeans {
  dress: Dress;
  /** Where clients get in. */
  door: BrokerDoor;
  /** Ports of the host that lead to it; undefined: none. */
  opens: (scope: Scope) => NodePorts | undefined;
}

interface Facts {
  objects: ObjectSeen[];
  runs: boolean;
  /** The running broker has another configuration than the one that is wanted. */
  runsOther: boolean;
  formerLeaves: FormerLeaf[];
  /** Pods that are still there without their workload. */
  ending: string[];
}

const portNames = (ports: Partial<NodePorts> = {}): (keyof NodePorts)[] =>
  (['client', 'leaf'] as const).filter((name) => ports[name] !== undefined);

const confOf = ({ cluster, leaves, settings: { nats } }: Scope) => ({
  cluster: cluster.name,
  leaves,
  subject: nats.subject,
});

const wantedOf = (scope: Scope, ports: NodePorts | undefined) => ({
  ...confOf(scope),
  image: scope.settings.nats.images.server,
  open: portNames(ports),
  podCidr: scope.settings.k3s.clusterCidr,
});

/** The NATS broker of the hub. A leaf that joins or leaves is a reload, never a restart. */
export const broker = ({ dress, door, opens }: BrokerMeans) =>
  part({
    name: 'broker',
    title: 'run the NATS broker',
    phase: 'link',
    needs: ['nats-secrets', 'images', 'linkerd', 'mesh-policy'],
    livesIn: 'cluster',
    leavesFirst: true,
    images: ({ settings: { nats } }) => [nats.images.server],
    wanted: (scope) => wantedOf(scope, opens(scope)),

    look: async (site, wanted, goal): Promise<Facts> => {
      const server = await plannedMaterial(site, BROKER_SERVER);
      const objects = await seeObjects(site, dress(brokerObjects({ ...wanted, server, sha256 })), goal);
      const runs = isThere(objects, BROKER_WORKLOAD);
      const [loaded, formerLeaves] =
        runs && goal === 'present'
          ? await Promise.all([seeLoaded(site), seeFormerLeaves(site, wanted.leaves)])
          : [undefined, []];
      const ending = goal === 'absent' ? await seeEnding(site, objects, BROKER_WORKLOAD) : [];
      return { objects, runs, runsOther: runsOther(loaded, brokerConf(wanted)), formerLeaves, ending };
    },

    decide: ({ objects, runs, runsOther: other, formerLeaves }) => {
      const steps = decideObjects(objects);
      // A file that was changed manually reaches the pod at any time, so the steps do not depend on whether it has.
      const reloads = other || (runs && touching(steps, CONFIG_MAP) !== undefined);
      return [...steps, ...(reloads ? [RELOAD] : []), ...formerLeaves.map(cutOff)];
    },

    undo: ({ objects, ending }) => removeWorkload(objects, ending),

    act: async (site, steps, { objects }, wanted) => {
      if (touching(steps, objectName(BROKER_WORKLOAD))?.verb === 'delete') await leavesGone(site, wanted.leaves);
      await actOnObjects(site, steps, objects, { graceSeconds: GRACE_SECONDS });
      if (touching(steps, CONFIGURATION) !== undefined) await reloadBroker(site, brokerConf(wanted));
      if (steps.some(({ object }) => object.startsWith(CONNECTION_OF))) await cutOffLeaves(site, wanted.leaves);
      else if (steps.some(({ verb }) => verb === 'delete')) await podsGone(site, BROKER_APP);
    },

    checks: (scope) => [
      check<Missing | undefined>({
        id: 'broker-ready',
        category: 'nats-broker',
        subject: scope.cluster.name,
        title: 'the broker pod is Ready',
        severity: 'error',
        needs: [kubernetesReady(scope.cluster.name)],
        retry: { forSeconds: 180, everySeconds: 0.2 },
        confirms: { code: 'NOT_READY', look: 'kubectl -n nats-system get events --sort-by=.lastTimestamp' },
        probe: (site) => workloadState(site, BROKER_WORKLOAD, statefulSetState),
        judge: (missing) => judgeMissing(missing, 'the broker is not ready'),
      }),
      ...brokerChecks(scope, door),
    ],
  });
