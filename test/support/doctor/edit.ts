import type { ManifestObject, ObjectRef } from '../../../src/domain/kubernetes/objects.js';
import type { HostModel } from '../../doubles/fleet/hosts/host-model.js';
import { parsed, type AnyObject } from '../../doubles/fleet/cluster/objects.js';

export const objectOf = (apiVersion: string, kind: string, name: string, namespace = 'nats-system'): ObjectRef => ({
  apiVersion,
  kind,
  metadata: { name, namespace },
});

/** Changes an object as somebody with kubectl does. */
export function edit({ cluster }: HostModel, ref: ObjectRef, change: (object: AnyObject) => void): void {
  const stored = cluster.store.find(ref);
  if (stored === undefined) throw new RangeError(`no ${ref.kind} ${ref.metadata.name}`);
  const object = parsed(stored.json);
  change(object);
  cluster.apply(object satisfies ManifestObject);
}

export const scaleToZero = (host: HostModel, kind: 'Deployment' | 'StatefulSet', name: string): void =>
  edit(host, objectOf('apps/v1', kind, name), ({ spec = {} }) => Object.assign(spec, { replicas: 0 }));

export function remove({ cluster }: HostModel, ref: ObjectRef): void {
  if (!cluster.store.remove(ref)) throw new RangeError(`no ${ref.kind} ${ref.metadata.name}`);
}
