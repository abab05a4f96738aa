import type { KubernetesObject } from '@kubernetes/client-node';

/** What names an object; shaped like the object itself, so that one can be passed for the other. */
export interface ObjectRef {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

export type ManifestObject = KubernetesObject & { metadata: { name: string; namespace?: string } };

export const refOf = ({ apiVersion, kind, metadata: { name, namespace } }: ObjectRef): ObjectRef => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});

export const identityOf = ({ apiVersion = 'v1', kind = '', metadata }: ManifestObject): ObjectRef => {
  const { name, namespace } = metadata;
  return refOf({ apiVersion, kind, metadata: namespace === undefined ? { name } : { name, namespace } });
};
