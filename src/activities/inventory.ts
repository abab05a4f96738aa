import { createHash } from 'node:crypto';
import type { V1ConfigMap } from '@kubernetes/client-node';
import {
  dropped,
  inventoryMap,
  inventoryRef,
  ownedFields,
  readInventory,
  united,
  type Inventory,
} from '../domain/kubernetes/inventory.js';
import type { KubernetesCluster } from '../parts/ports.js';
import { refOf, type ObjectRef, type ManifestObject } from '../domain/kubernetes/objects.js';

export interface Part {
  /** Namespace that the part makes; its inventory lives in it. */
  namespace: string;
  /** Hash of everything that the render depends on. */
  digest: string;
  /** Rendered only when something is to be done: each render of Linkerd's mints new certificates for its webhooks. */
  render: () => Promise<(ManifestObject & { apiVersion: string; kind: string })[]>;
}

/** Objects as `Kind/name`. */
export interface PartChanges {
  applied: string[];
  removed: string[];
}

/**
 * Brings a rendered part into a cluster: nothing when its inventory has the digest and every object of it is there as it
 * was applied; otherwise all objects by server-side apply, and then away with those that the part has no more.
 */
export async function applyPart(cluster: KubernetesCluster, part: Part): Promise<PartChanges> {
  const inventory = await inventoryOf(cluster, part.namespace);
  if (inventory.digest === part.digest && inventory.owned === (await ownedDigest(cluster, inventory.objects)))
    return { applied: [], removed: [] };
  const wanted = await part.render();
  const refs = wanted.map(refOf);
  const namespaces = wanted.filter(({ kind }) => kind === 'Namespace');
  const changed = await cluster.apply(namespaces);
  // An apply that is cut off leaves an inventory that knows of everything, and no digest.
  await cluster.apply([
    inventoryMap(part.namespace, { digest: '', owned: '', objects: united(inventory.objects, refs) }),
  ]);
  changed.push(...(await cluster.apply(wanted.filter(({ kind }) => kind !== 'Namespace'))));
  const removed: string[] = [];
  for (const old of dropped(inventory.objects, refs))
    if (await cluster.remove(old)) removed.push(`${old.kind}/${old.metadata.name}`);
  const owned = (await ownedDigest(cluster, refs)) ?? '';
  await cluster.apply([inventoryMap(part.namespace, { digest: part.digest, owned, objects: refs })]);
  return { applied: changed, removed };
}

/** Removes what the inventory of the namespace lists, the last made first; the namespace was the first. */
export async function removePart(cluster: KubernetesCluster, namespace: string): Promise<string[]> {
  const { objects } = await inventoryOf(cluster, namespace);
  const removed: string[] = [];
  for (const object of dropped(objects, []))
    if (await cluster.remove(object)) removed.push(`${object.kind}/${object.metadata.name}`);
  return removed;
}

const inventoryOf = async (cluster: KubernetesCluster, namespace: string): Promise<Inventory> =>
  readInventory(await cluster.read<V1ConfigMap>(inventoryRef(namespace)));

/** undefined: an object is missing. */
async function ownedDigest(cluster: KubernetesCluster, objects: readonly ObjectRef[]): Promise<string | undefined> {
  const seen = await Promise.all(objects.map((object) => cluster.read(object)));
  const hash = createHash('sha256');
  for (const object of seen) {
    if (object === undefined) return undefined;
    hash.update(ownedFields(object)).update('\n');
  }
  return hash.digest('hex');
}
