import type { V1StatefulSet } from '@kubernetes/client-node';
import type { Scope } from '../../contract/scope.js';
import { fail, pass } from '../../domain/checks/verdict.js';
import { statefulSetState } from '../../domain/kubernetes/workloads.js';
import { LEAF_WORKLOAD, leafNodeObjects } from '../../domain/nats/leaf-node.js';
import { leafRole } from '../../domain/nats/names.js';
import { clientOf, leafServer } from '../../domain/pki/profiles.js';
import { check } from '../check.js';
import { kubernetesReady } from '../host/k3s.js';
import { actOnObjects, decideObjects, removeObjects, seeObjects } from '../objects.js';
import { part } from '../part.js';
import { plannedMaterial, sha256 } from '../pki/material.js';
import type { Dress } from './dress.js';

export const leafNode = (dress: Dress, remote: (scope: Scope) => string) =>
  part({
    name: 'leaf-node',
    title: 'run the NATS leaf node',
    phase: 'messaging',
    needs: ['nats-secrets', 'linkerd', 'mesh-policy', 'link'],
    livesIn: 'cluster',
    leavesFirst: true,
    images: ({ settings: { nats } }) => [nats.images.server],
    wanted: (scope) => ({
      cluster: scope.cluster.name,
      subject: scope.settings.nats.subject,
      image: scope.settings.nats.images.server,
      remote: remote(scope),
    }),
    look: async (site, wanted) => {
      const server = await plannedMaterial(site, leafServer(wanted.cluster));
      const client = await plannedMaterial(site, clientOf(leafRole(wanted.cluster)));
      return seeObjects(site, dress(leafNodeObjects({ ...wanted, server, client, sha256 })));
    },
    decide: decideObjects,
    undo: removeObjects,
    act: (site, steps, seen) => actOnObjects(site, steps, seen, { graceSeconds: 2 }),
    checks: ({ cluster }) => [
      check<string | undefined>({
        id: 'leaf-ready',
        category: 'nats-leaf',
        subject: cluster.name,
        title: 'the leaf node pod is Ready',
        severity: 'error',
        needs: [kubernetesReady(cluster.name)],
        retry: { forSeconds: 180, everySeconds: 0.2 },
        confirms: { code: 'NOT_READY', look: 'kubectl -n nats-system get events --sort-by=.lastTimestamp' },
        probe: async (site) => statefulSetState(await (await site.kube()).read<V1StatefulSet>(LEAF_WORKLOAD)),
        judge: (missing) => (missing === undefined ? pass() : fail(`the leaf node is not ready: ${missing}`)),
      }),
    ],
  });
