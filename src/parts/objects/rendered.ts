import { createHash } from 'node:crypto';
import type { KubernetesObject, V1ConfigMap } from '@kubernetes/client-node';
import type { Step } from '../../contract/plan.js';
import { shown } from '../../domain/kubernetes/diff.js';
import { lostFields, ownedFields } from '../../domain/kubernetes/owned-fields.js';
import type { ManifestObject, ObjectRef } from '../../domain/kubernetes/objects.js';
import {
  earlierInventoryRef,
  fromEarlier,
  inputsDiff,
  isEarlier,
  partInventoryRef,
  readPartInventory,
  type AppliedObject,
  type Inputs,
  type PartInventory,
} from '../../domain/kubernetes/inventory.js';
import type { Rendered } from '../../domain/linkerd/render.js';
import { refuseForeign } from './foreign.js';
import { mapLimited } from '../waiting/limited.js';
import { fingerprint } from './objects.js';
import { objectName } from './object-name.js';
import { touching } from '../part.js';
import type { Site } from '../site.js';

/**
 * Objects that a command on the host renders. They are not known before the command is there, and a render may differ
 * from the one before, so they cannot be compared field by field: an inventory says what was applied, and from what.
 */
export interface RenderedPart {
  /** Name of the inventory; that of the part. */
  name: string;
  /** What a step calls all of it: `Linkerd control plane edge-26.8.3`. */
  title: string;
  inputs: Inputs;
  render: (site: Site) => Promise<readonly Rendered[]>;
  sets?: readonly RenderedSet[];
  /** Objects that only somebody else can have made while there is no inventory; then the part is refused. */
  marks?: readonly ObjectRef[];
  /** Objects that are applied after `beforeHeld` has resolved, and removed first. */
  held?: (object: ObjectRef) => boolean;
  beforeHeld?: (site: Site) => Promise<void>;
  /** What a held object is until then, so that it works with both renders; undefined: as it is. */
  bridge?: (live: KubernetesObject, next: Rendered) => ManifestObject | undefined;
  /** The inventory that an earlier leafspan kept in the namespace, and which of its objects are this part's. */
  earlier?: { namespace: string; has: (ref: ObjectRef) => boolean };
}

/** Objects, as steps name them, that only fit together when they come from one render. */
export interface RenderedSet {
  members: readonly string[];
  /** The workload that has to load them. */
  loadedBy: string;
}

/** An object of the inventory beside what is there. */
export interface RenderedObject extends AppliedObject {
  live: KubernetesObject | undefined;
}

export interface RenderedSeen {
  /** undefined: nothing of the part was ever applied. */
  inventory: PartInventory | undefined;
  objects: RenderedObject[];
}

/** Compares what the inventory lists with the cluster. Without an API to ask, nothing was applied. */
export async function seeRendered(
  site: Site,
  { name, earlier, marks = [] }: Pick<RenderedPart, 'name' | 'earlier' | 'marks'>,
): Promise<RenderedSeen> {
  const kube = await site.kubeIfUp();
  if (kube === undefined) return { inventory: undefined, objects: [] };
  const inventory =
    readPartInventory(await kube.read<V1ConfigMap>(partInventoryRef(name))) ??
    (earlier && fromEarlier(await kube.read<V1ConfigMap>(earlierInventoryRef(earlier.namespace)), earlier.has));
  if (inventory === undefined) refuseForeign(site, await Promise.all(marks.map((mark) => kube.read(mark))));
  const objects = await mapLimited(inventory?.objects ?? [], async (object) => ({
    ...object,
    live: await kube.read(object.ref),
  }));
  return { inventory, objects };
}

/**
 * One step for all of it when it was not applied yet or its inputs changed; otherwise one for each object that differs.
 * @param due steps for objects that are as they were applied, and must not stay so
 */
export function decideRendered(
  { inventory, objects }: RenderedSeen,
  { title, inputs, sets = [] }: RenderedPart,
  due: readonly Step[] = [],
): Step[] {
  if (inventory === undefined || Object.keys(inventory.inputs).length === 0)
    return [{ verb: 'create', object: title, because: 'it is not there' }];
  const diff = inputsDiff(inventory.inputs, inputs);
  if (diff.length > 0) return [{ verb: 'change', object: title, because: 'what it is rendered from changed', diff }];
  if (inventory.underWay) return [{ verb: 'change', object: title, because: 'an apply of it was interrupted' }];
  const changed = objects.flatMap(stepFor);
  return withSets([...changed, ...due.filter(({ object }) => touching(changed, object) === undefined)], sets);
}

function stepFor({ ref, owned, live }: RenderedObject): Step[] {
  const object = objectName(ref);
  if (live === undefined) return [{ verb: 'create', object, because: 'it is not there' }];
  const now = ownedFields(live);
  if (now === owned) return [];
  const hide = ref.kind === 'Secret' ? fingerprint : undefined;
  const diff = lostFields(owned, now, live, (path, value) => shown(value, path, hide));
  return [{ verb: 'change', object, because: 'it was changed since leafspan applied it', diff }];
}

/** When one member of a set is rendered again, the others follow. */
function withSets(steps: readonly Step[], sets: readonly RenderedSet[]): Step[] {
  const named = new Set(steps.map(({ object }) => object));
  const following = sets
    .filter(({ members }) => members.some((object) => named.has(object)))
    .flatMap(({ members, loadedBy }) => [...members, loadedBy]);
  const more = [...new Set(following)].filter((object) => !named.has(object));
  return [
    ...steps,
    ...more.map((object) => ({ verb: 'change' as const, object, because: 'its certificate is issued again' })),
  ];
}

/** What is held goes first, then the last made. The inventory goes when all of it is gone. */
export function undoRendered({ inventory, objects }: RenderedSeen, { name, held = () => false }: RenderedPart): Step[] {
  if (inventory === undefined) return [];
  const left = objects.filter(({ live }) => live !== undefined).map(({ ref }) => ref);
  const inOrder = [...left.filter(held), ...left.filter((ref) => !held(ref)).reverse()];
  return [...inOrder, ...(isEarlier(inventory) ? [] : [partInventoryRef(name)])].map((ref) => ({
    verb: 'delete',
    object: objectName(ref),
    because: 'leafspan created it',
  }));
}

/** For inputs: enough to distinguish two texts, and nothing of their contents. */
export const inputFingerprint = (text: string): string =>
  `sha256:${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
