import type { V1CustomResourceDefinition } from '@kubernetes/client-node';
import { manifestsIn, type Manifest } from '../kubernetes/manifest-file.js';
import type { ObjectRef } from '../kubernetes/objects.js';
import { isOurs } from '../kubernetes/ownership.js';

const GROUP = /^[a-z]+\.(k8s|externaldns)\.nginx\.org$/;

const isOfController = ({ kind, metadata }: Manifest): boolean =>
  kind === 'CustomResourceDefinition' && GROUP.test(metadata.name);

/** The CRDs of the NGINX Ingress Controller in a YAML file. @throws ProvisionError BUNDLE_INVALID */
export const edgeCrds = (yaml: string, sourceSha256: string): Manifest[] =>
  manifestsIn(yaml, sourceSha256, { of: 'the NGINX Ingress Controller', isPart: isOfController });

/** Those that our objects need. */
export const EDGE_CRD_MARKS: readonly ObjectRef[] = ['globalconfigurations', 'transportservers', 'policies'].map(
  (plural) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.k8s.nginx.org` },
  }),
);

/** `none`: the CRDs are not there; `others`: they are not ours, and fit; `unfit` says why they do not. */
export type CrdOwner = 'none' | 'ours' | 'others' | { unfit: string };

/** @param seen in the order of the marks */
export function crdOwner(seen: readonly (V1CustomResourceDefinition | undefined)[]): CrdOwner {
  const there = seen.filter((crd) => crd !== undefined);
  if (there.length === 0) return 'none';
  const foreign = there.filter((crd) => !isOurs(crd));
  if (foreign.length === 0) return 'ours';
  const missing = EDGE_CRD_MARKS.filter((_, index) => !servesV1(seen[index])).map(({ metadata: { name } }) => name);
  return missing.length === 0
    ? 'others'
    : {
        unfit: `the cluster has CRDs of another NGINX Ingress Controller, without ${missing.join(', ')} in version v1`,
      };
}

const servesV1 = (crd: V1CustomResourceDefinition | undefined): boolean =>
  crd?.spec.versions.some(({ name, served }) => name === 'v1' && served) === true;
