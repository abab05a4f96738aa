import type { V1StatefulSet } from '@kubernetes/client-node';
import type { Scope } from '../../contract/scope.js';
import { fail, pass } from '../../domain/checks/verdict.js';
import { statefulSetState } from '../../domain/kubernetes/workloads.js';
import { BROKER_WORKLOAD, brokerObjects } from '../../domain/nats/broker.js';
import { brokerConf } from '../../domain/nats/conf.js';
import { BROKER_SERVER } from '../../domain/pki/profiles.js';
import { check, keyOf, type CheckKey } from '../check.js';
import { kubernetesReady } from '../host/k3s.js';
import { actOnObjects, decideObjects, removeObjects, seeObjects, type ObjectSeen } from '../objects.js';
import { part, touching } from '../part.js';
import { plannedMaterial, sha256 } from '../pki/material.js';
import { brokerEntryChecks } from './broker-checks.js';
import { reloadBroker, runsOther, seeLoaded } from './broker-reload.js';
import { cutOffLeaves, seeFormerLeaves, type FormerLeaf } from './former-leaves.js';
import type { Dress } from './dress.js';

export const brokerReady = (cluster: string): CheckKey => keyOf({ id: 'broker-ready', subject: cluster });

const CONFIGURATION = 'configuration of the broker';
/** Nobody is left to drain to; the pod only needs time to close its connections. */
const GRACE_SECONDS = 2;

interface Facts {
  objects: ObjectSeen[];
  /** The running broker has another configuration than the one that is wanted. */
  runsOther: boolean;
  formerLeaves: FormerLeaf[];
}

const confOf = ({ cluster, leaves, settings: { nats } }: Scope) => ({
  cluster: cluster.name,
  leaves,
  subject: nats.subject,
});

/** The NATS broker of the hub. A leaf that joins or leaves is a reload, never a restart. */
export const broker = (dress: Dress) =>
  part({
    name: 'broker',
    title: 'run the NATS broker',
    phase: 'link',
    needs: ['nats-secrets', 'images', 'linkerd', 'mesh-policy'],
    livesIn: 'cluster',
    leavesFirst: true,
    images: ({ settings: { nats } }) => [nats.images.server],
    wanted: (scope) => ({ ...confOf(scope), image: scope.settings.nats.images.server }),

    look: async (site, wanted): Promise<Facts> => {
      const server = await plannedMaterial(site, BROKER_SERVER);
      const objects = await seeObjects(site, dress(brokerObjects({ ...wanted, server, sha256 })));
      const runs = objects.some(({ wanted: { kind }, live }) => kind === 'StatefulSet' && live !== undefined);
      const [loaded, formerLeaves] = runs
        ? await Promise.all([seeLoaded(site), seeFormerLeaves(site, wanted.leaves)])
        : [undefined, []];
      return { objects, runsOther: runsOther(loaded, brokerConf(wanted)), formerLeaves };
    },

    decide: ({ objects, runsOther: other, formerLeaves }) => [
      ...decideObjects(objects),
      ...(other
        ? [{ verb: 'reload' as const, object: CONFIGURATION, because: 'the broker runs with another one' }]
        : []),
      ...formerLeaves.map(({ user }) => ({
        verb: 'delete' as const,
        object: `connection of ${user}`,
        because: 'the topology does not have this leaf',
      })),
    ],

    undo: ({ objects }) => removeObjects(objects),

    act: async (site, steps, { objects }, wanted) => {
      await actOnObjects(site, steps, objects, { graceSeconds: GRACE_SECONDS });
      if (touching(steps, CONFIGURATION) !== undefined) await reloadBroker(site, brokerConf(wanted));
      if (steps.some(({ object }) => object.startsWith('connection of '))) await cutOffLeaves(site, wanted.leaves);
    },

    checks: (scope) => [
      check<string | undefined>({
        id: 'broker-ready',
        category: 'nats-broker',
        subject: scope.cluster.name,
        title: 'the broker pod is Ready',
        severity: 'error',
        needs: [kubernetesReady(scope.cluster.name)],
        retry: { forSeconds: 180, everySeconds: 0.2 },
        confirms: { code: 'NOT_READY', look: 'kubectl -n nats-system get events --sort-by=.lastTimestamp' },
        probe: async (site) => statefulSetState(await (await site.kube()).read<V1StatefulSet>(BROKER_WORKLOAD)),
        judge: (missing) => (missing === undefined ? pass() : fail(`the broker is not ready: ${missing}`)),
      }),
      ...brokerEntryChecks(scope),
    ],
  });
