import type { V1ConfigMap } from '@kubernetes/client-node';
import { parseObject } from '../../contract/json.js';
import { FIELD_MANAGER, OWNER_LABEL } from '../../contract/names.js';
import { refOf, type ObjectRef } from './objects.js';

/** What a render depends on, by name: versions and settings as they are, material as fingerprints. */
export type Inputs = Readonly<Record<string, string>>;

export interface AppliedObject {
  ref: ObjectRef;
  /** The fields that our apply set, as `ownedFields` returns them; none until they were read. */
  owned: string;
}

/** The objects that a part rendered and applied, and from what. It lies outside the part, so it outlives a deleted namespace. */
export interface PartInventory {
  /** Of the last apply that was completed; empty: there is none. */
  inputs: Inputs;
  /** Another apply has begun since. */
  underWay: boolean;
  objects: readonly AppliedObject[];
}

const HOME = 'kube-system';
const UNDER_WAY = 'under way';
const NONE = '[]';

export const partInventoryRef = (part: string): ObjectRef => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: `leafspan-inventory-${part}`, namespace: HOME },
});

export function partInventoryMap(part: string, { inputs, underWay, objects }: PartInventory): V1ConfigMap & ObjectRef {
  const { metadata, ...ref } = partInventoryRef(part);
  return {
    ...ref,
    metadata: { ...metadata, labels: { [OWNER_LABEL]: FIELD_MANAGER } },
    data: {
      inputs: JSON.stringify(inputs),
      state: underWay ? UNDER_WAY : 'complete',
      objects: objects.map((object) => JSON.stringify(object)).join('\n'),
    },
  };
}

export function readPartInventory(map: V1ConfigMap | undefined): PartInventory | undefined {
  if (map === undefined) return undefined;
  const { inputs = '{}', state = UNDER_WAY, objects = '' } = map.data ?? {};
  return {
    inputs: parseObject<Inputs>(inputs, {}),
    underWay: state === UNDER_WAY,
    objects: linesOf<AppliedObject>(objects),
  };
}

const linesOf = <T>(text: string): T[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);

const EARLIER: Inputs = { 'applied by': 'an earlier leafspan' };

export const isEarlier = ({ inputs }: PartInventory): boolean => inputs === EARLIER;

/** The inventory that an earlier leafspan kept in a namespace, for all that it rendered into it. */
export const earlierInventoryRef = (namespace: string): ObjectRef => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'leafspan-inventory', namespace },
});

/** Of such an inventory, what belongs to a part; the part is applied again. */
export function fromEarlier(map: V1ConfigMap | undefined, has: (ref: ObjectRef) => boolean): PartInventory | undefined {
  if (map === undefined) return undefined;
  const { objects: lines = '' } = map.data ?? {};
  const objects = linesOf<ObjectRef>(lines).filter(has);
  return {
    inputs: EARLIER,
    underWay: false,
    objects: objects.map((ref) => ({ ref, owned: NONE })),
  };
}

/** Both lists, each object once: those of an unfinished apply, and those that were there before it. */
export function unitedObjects(before: readonly AppliedObject[], after: readonly ObjectRef[]): AppliedObject[] {
  const kept = new Set(after.map(keyOf));
  return [
    ...after.map((object) => ({ ref: refOf(object), owned: NONE })),
    ...before.filter(({ ref }) => !kept.has(keyOf(ref))),
  ];
}

/** Objects that the part had and has no longer; the last made comes first. */
export function droppedObjects(before: readonly AppliedObject[], after: readonly ObjectRef[]): ObjectRef[] {
  const kept = new Set(after.map(keyOf));
  return before
    .map(({ ref }) => ref)
    .filter((ref) => !kept.has(keyOf(ref)))
    .reverse();
}

/** An API has objects of one name in all of its versions. */
const keyOf = ({ apiVersion, kind, metadata: { name, namespace = '' } }: ObjectRef): string =>
  [apiVersion.includes('/') ? apiVersion.split('/')[0] : '', kind, namespace, name].join(' ');

/** The inputs that differ, a line each: `version: edge-26.7.1 → edge-26.8.3`. */
export const inputsDiff = (before: Inputs, after: Inputs): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name}: ${before[name] ?? '(none)'} → ${after[name] ?? '(none)'}`);
