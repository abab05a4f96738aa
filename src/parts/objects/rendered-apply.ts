import type { KubernetesObject, V1CustomResourceDefinition } from '@kubernetes/client-node';
import type { Step } from '../../contract/plan.js';
import { refOf, type ManifestObject, type ObjectRef } from '../../domain/kubernetes/objects.js';
import {
  droppedObjects,
  partInventoryMap,
  partInventoryRef,
  unitedObjects,
  type AppliedObject,
} from '../../domain/kubernetes/inventory.js';
import { ownedFields } from '../../domain/kubernetes/owned-fields.js';
import type { Rendered } from '../../domain/linkerd/render.js';
import { awaitGone } from './gone.js';
import { mapLimited } from '../waiting/limited.js';
import { objectName } from './object-name.js';
import { touching } from '../part.js';
import type { RenderedObject, RenderedPart, RenderedSeen } from './rendered.js';
import type { Site } from '../site.js';
import { awaited } from '../waiting/wait.js';

const ESTABLISHED = { timeoutMs: 60_000, look: 'kubectl get crds' };
/** A pod is not made before its account and what it mounts are there, and its owner tries again later and later. */
const WORKLOADS = new Set(['Deployment', 'DaemonSet', 'StatefulSet']);

/** Carries out steps of `decideRendered` and `undoRendered`; other steps are left to the part. */
export async function actOnRendered(
  site: Site,
  steps: readonly Step[],
  seen: RenderedSeen,
  part: RenderedPart,
): Promise<void> {
  const { inventory, objects } = seen;
  const known = [...objects.map(({ ref }) => ref), partInventoryRef(part.name)];
  const deleted = steps.filter(({ verb }) => verb === 'delete').map(({ object }) => object);
  const gone = deleted.flatMap((name) => known.filter((ref) => objectName(ref) === name));
  if (gone.length > 0) return remove(site, gone, part.name);
  const chosen = steps.filter(({ verb }) => verb === 'create' || verb === 'change');
  if (touching(chosen, part.title) !== undefined) return applyAll(site, seen, part);
  const names = new Set(chosen.map(({ object }) => object));
  if (!known.some((ref) => names.has(objectName(ref)))) return;
  const rendered = (await render(site, part)).filter((object) => names.has(objectName(object)));
  const applied = await applyInStages(site, rendered, part, objects);
  await record(site, part, inventory?.objects ?? [], applied);
}

/** An apply that is cut off leaves an inventory that lists everything, and the inputs of the last one that was not. */
async function applyAll(site: Site, { inventory, objects: seen }: RenderedSeen, part: RenderedPart): Promise<void> {
  const kube = await site.kube();
  const before = inventory?.objects ?? [];
  const rendered = await render(site, part);
  const objects = unitedObjects(before, rendered);
  await kube.apply([partInventoryMap(part.name, { inputs: inventory?.inputs ?? {}, underWay: true, objects })]);
  const applied = await applyInStages(site, rendered, part, seen);
  for (const old of droppedObjects(before, rendered)) await kube.remove(old);
  await record(site, part, unitedObjects([], rendered), applied);
}

function render(site: Site, { title, render: run }: RenderedPart): Promise<readonly Rendered[]> {
  site.work.heartbeat(`rendering ${title}`);
  return run(site);
}

/** Returns what was applied, as it was right after. */
async function applyInStages(
  site: Site,
  objects: readonly Rendered[],
  { title, held = () => false, beforeHeld, bridge }: RenderedPart,
  seen: readonly RenderedObject[],
): Promise<KubernetesObject[]> {
  const [last, others] = [objects.filter(held), objects.filter((object) => !held(object))];
  const isWorkload = ({ kind }: Rendered): boolean => WORKLOADS.has(kind);
  site.work.heartbeat(`applying ${title}`);
  await applySideBySide(site, bridge === undefined ? [] : last.flatMap((next) => bridgeOver(next, seen, bridge)));
  const stages = [
    others.filter(isNamespace),
    others.filter((object) => !isNamespace(object) && !isWorkload(object)),
    others.filter(isWorkload),
  ];
  const applied: KubernetesObject[] = [];
  for (const stage of stages) applied.push(...(await applySideBySide(site, stage)));
  await awaitEstablished(site, objects);
  if (last.length === 0) return applied;
  await beforeHeld?.(site);
  return [...applied, ...(await applySideBySide(site, last))];
}

/** From the object that is there to its successor. */
function bridgeOver(
  next: Rendered,
  seen: readonly RenderedObject[],
  bridge: NonNullable<RenderedPart['bridge']>,
): ManifestObject[] {
  const live = seen.find(({ ref }) => objectName(ref) === objectName(next))?.live;
  const between = live && bridge(live, next);
  return between === undefined ? [] : [between];
}

const isNamespace = ({ kind }: Rendered): boolean => kind === 'Namespace';

async function applySideBySide(site: Site, objects: readonly ManifestObject[]): Promise<KubernetesObject[]> {
  const kube = await site.kube();
  return (await mapLimited(objects, (object) => kube.apply([object]))).flat();
}

async function awaitEstablished(site: Site, objects: readonly ObjectRef[]): Promise<void> {
  let waiting = objects.filter(({ kind }) => kind === 'CustomResourceDefinition').map(refOf);
  if (waiting.length === 0) return;
  const kube = await site.kube();
  await awaited(site, ESTABLISHED, async () => {
    const seen = await mapLimited(waiting, (crd) => kube.read<V1CustomResourceDefinition>(crd));
    waiting = waiting.filter((_, index) => !isEstablished(seen[index]));
    return waiting.length === 0
      ? undefined
      : `${waiting.map(({ metadata }) => metadata.name).join(', ')} not established`;
  });
}

const isEstablished = (crd: V1CustomResourceDefinition | undefined): boolean =>
  crd?.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') === true;

/** Writes down what is ours in the applied objects, which is what a later look compares with. */
async function record(
  site: Site,
  { name, inputs }: RenderedPart,
  listed: readonly AppliedObject[],
  applied: readonly KubernetesObject[],
): Promise<void> {
  const owned = new Map(applied.map((object) => [objectName(object), ownedFields(object)]));
  const objects = listed.map((object) => ({ ...object, owned: owned.get(objectName(object.ref)) ?? object.owned }));
  const kube = await site.kube();
  await kube.apply([partInventoryMap(name, { inputs, underWay: false, objects })]);
}

/** The inventory goes when all that it lists is gone. */
async function remove(site: Site, refs: readonly ObjectRef[], part: string): Promise<void> {
  const kube = await site.kube();
  const inventory = objectName(partInventoryRef(part));
  const objects = refs.filter((ref) => objectName(ref) !== inventory);
  for (const ref of objects) {
    site.work.heartbeat(`delete ${objectName(ref)}`);
    await kube.remove(ref);
  }
  await awaitGone(site, objects);
  for (const ref of refs.filter((each) => !objects.includes(each))) await kube.remove(ref);
}
