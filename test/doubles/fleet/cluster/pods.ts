import type { V1Pod } from '@kubernetes/client-node';
import type { ObjectRef } from '../../../../src/domain/kubernetes/objects.js';
import { injected } from '../linkerd/proxies.js';
import { hashOf } from '../pace.js';
import type { ClusterModel } from './cluster-model.js';
import type { AnyObject, Stored } from './objects.js';
import type { Store } from './store.js';
import { readyAt, waitingFor, type Surroundings } from './workloads.js';

export interface Workload {
  ref: ObjectRef;
  object: AnyObject;
  stored: Stored;
  /** Name of its one pod. */
  pod: string;
  labels: Record<string, string>;
}

export const workloadsOf = (store: Store): Workload[] =>
  (['StatefulSet', 'Deployment'] as const).flatMap((kind) =>
    store.all(kind).map(({ object, stored }) => {
      const { name, namespace = '' } = object.metadata;
      const suffix = kind === 'StatefulSet' ? '0' : hashOf(`${name} ${stored.rolledAt}`).toString(16);
      return {
        ref: { apiVersion: 'apps/v1', kind, metadata: { name, namespace } },
        object,
        stored,
        pod: `${name}-${suffix}`,
        labels: object.spec?.template?.metadata?.labels ?? {},
      };
    }),
  );

export function podOf(cluster: ClusterModel, { object, stored, pod, labels }: Workload, around: Surroundings): V1Pod {
  const template = injected(cluster, object.spec?.template ?? {});
  const at = readyAt(object, stored, around);
  const ready = at !== undefined && Date.now() >= at;
  const reason = waitingFor(object, around) ?? 'ContainerCreating';
  const metadata = {
    name: pod,
    namespace: object.metadata.namespace,
    labels,
    annotations: template.metadata?.annotations ?? {},
    creationTimestamp: new Date(stored.rolledAt).toISOString(),
  };
  const status = {
    phase: ready ? 'Running' : 'Pending',
    podIP: '10.42.0.7',
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    containerStatuses: [{ name: 'main', ready, state: ready ? { running: {} } : { waiting: { reason } } }],
  };
  return asPod(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec: template.spec, status }));
}

const asPod = (json: string): V1Pod => JSON.parse(json) as V1Pod;
