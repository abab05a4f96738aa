import type { KubernetesObject, V1CustomResourceDefinition } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { FIELD_MANAGER, OWNER_LABEL } from '../../contract/names.js';
import type { Artifact, BundleManifest } from '../artifacts/bundle-manifest.js';
import { GATEWAY_API_NEWEST, GATEWAY_API_OLDEST, GATEWAY_API_VERSION, gatewayApiFits } from './gateway-api-version.js';
import { GATEWAY_API_ARTIFACT } from '../artifacts/linkerd-images.js';

export const bundledGatewayApi = ({ artifacts }: BundleManifest): Artifact | undefined =>
  artifacts.find(({ kind, name }) => kind === 'manifests' && name === GATEWAY_API_ARTIFACT);

const SOURCE_ANNOTATION = 'leafspan.io/source-sha256';
/** It is applied last, so it says that all the others are there. */
const LAST = 'httproutes.gateway.networking.k8s.io';

export const GATEWAY_API_MARK = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: LAST },
} as const;

export type GatewayApiStep = { kind: 'apply' } | { kind: 'keep' } | { kind: 'refuse'; because: string; hint: string };

/** The owner of the CRDs is checked first: some releases of K3s install them. */
export function gatewayApiStep(seen: V1CustomResourceDefinition | undefined, sourceSha256: string): GatewayApiStep {
  if (seen === undefined) return { kind: 'apply' };
  const { labels, annotations } = seen.metadata ?? {};
  if (labels?.[OWNER_LABEL] === FIELD_MANAGER)
    return { kind: annotations?.[SOURCE_ANNOTATION] === sourceSha256 ? 'keep' : 'apply' };
  const version = annotations?.[GATEWAY_API_VERSION];
  if (gatewayApiFits(version)) return { kind: 'keep' };
  return {
    kind: 'refuse',
    because: `the cluster has the Gateway API ${version ?? 'of an unknown version'}; Linkerd needs ${GATEWAY_API_OLDEST.join('.')} to ${GATEWAY_API_NEWEST.join('.')}`,
    hint: 'install a version in that range, or use a K3s release without the Gateway API',
  };
}

type Manifest = KubernetesObject & { apiVersion: string; kind: string; metadata: { name: string } };

/** The objects of a YAML file, marked as ours and as of this source, in the order in which they are applied. */
export function gatewayApiObjects(yaml: string, sourceSha256: string): Manifest[] {
  const objects = parseAllDocuments(yaml)
    .map((document) => document.toJS() as Manifest | null)
    .filter((object) => object !== null)
    .map((object) => ({
      ...object,
      metadata: {
        ...object.metadata,
        labels: { ...object.metadata.labels, [OWNER_LABEL]: FIELD_MANAGER },
        annotations: { ...object.metadata.annotations, [SOURCE_ANNOTATION]: sourceSha256 },
      },
    }));
  const isLast = ({ metadata }: Manifest): boolean => metadata.name === LAST;
  return [...objects.filter((object) => !isLast(object)), ...objects.filter(isLast)];
}
