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
