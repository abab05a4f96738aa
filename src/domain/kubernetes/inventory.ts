import type { V1ConfigMap } from '@kubernetes/client-node';
import { FIELD_MANAGER, OWNER_LABEL } from '../../contract/names.js';
import type { ObjectRef } from './objects.js';

/** What was put into a cluster as one part, such as the multicluster extension, and from what it was rendered. */
export interface Inventory {
  /** Hash of everything that the render depends on; empty while an apply is under way. */
  digest: string;
  /** Hash of the fields that are ours in the objects; another one: somebody changed an object by hand. */
  owned: string;
  objects: ObjectRef[];
}

const NAME = 'leafspan-inventory';

export const inventoryRef = (namespace: string): ObjectRef => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: NAME, namespace },
});

type ConfigMap = V1ConfigMap & ObjectRef;

export const inventoryMap = (namespace: string, { digest, owned, objects }: Inventory): ConfigMap => ({
  ...inventoryRef(namespace),
  metadata: { name: NAME, namespace, labels: { [OWNER_LABEL]: FIELD_MANAGER } },
  data: { digest, owned, objects: objects.map((object) => JSON.stringify(object)).join('\n') },
});

export function readInventory(map: V1ConfigMap | undefined): Inventory {
  const { digest = '', owned = '', objects = '' } = map?.data ?? {};
  return {
    digest,
    owned,
    objects: objects
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as ObjectRef),
  };
}

const keyOf = ({ apiVersion, kind, metadata: { name, namespace = '' } }: ObjectRef): string =>
  [apiVersion.split('/')[0], kind, namespace, name].join(' ');

/** What the old list has and the new one has no more; the last made comes first. */
export function dropped(before: readonly ObjectRef[], after: readonly ObjectRef[]): ObjectRef[] {
  const kept = new Set(after.map(keyOf));
  return before.filter((object) => !kept.has(keyOf(object))).reverse();
}

/** Both lists, each object once. */
export const united = (before: readonly ObjectRef[], after: readonly ObjectRef[]): ObjectRef[] => [
  ...after,
  ...dropped(before, after).reverse(),
];

interface Managed {
  metadata?: { managedFields?: { manager?: string; operation?: string; subresource?: string; fieldsV1?: object }[] };
}

/** The fields of an object that our server-side apply set and that nobody else has set since, as the API server keeps them. */
export const ownedFields = ({ metadata }: Managed): string =>
  JSON.stringify(
    (metadata?.managedFields ?? [])
      .filter(
        ({ manager, operation, subresource = '' }) =>
          manager === FIELD_MANAGER && operation === 'Apply' && subresource === '',
      )
      .map(({ fieldsV1 }) => fieldsV1),
  );
