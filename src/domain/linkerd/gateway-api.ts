import type { KubernetesObject, V1CustomResourceDefinition } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { fieldOf, messageOf, textOf } from '../../contract/caught.js';
import { ProvisionError } from '../../contract/errors.js';
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

/** What the Gateway API consists of. All else in the file would be applied with the rights of an administrator. */
const KINDS = ['CustomResourceDefinition', 'ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'];
const NAME = /^[a-z0-9.-]+\.gateway\.networking\.(x-)?k8s\.io$/;

const isOfGatewayApi = ({ kind, metadata }: Manifest): boolean => KINDS.includes(kind) && NAME.test(metadata.name);

/**
 * The objects of a YAML file, marked as ours and as of this source, in the order in which they are applied.
 * @throws ProvisionError BUNDLE_INVALID when anything in it is not of the Gateway API
 */
export function gatewayApiObjects(yaml: string, sourceSha256: string): Manifest[] {
  const written = documentsIn(yaml);
  const stranger = written.find((object) => !isOfGatewayApi(object));
  if (stranger !== undefined)
    throw unfit(`${stranger.kind} ${stranger.metadata.name} in the manifests of the Gateway API is not part of it`);
  const objects = written.map((object) => ({
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

function documentsIn(yaml: string): Manifest[] {
  try {
    const documents = parseAllDocuments(yaml).map((document) => document.toJS() as unknown);
    return documents.filter((object) => object !== null).map(manifestFrom);
  } catch (error) {
    throw unfit(`the manifests of the Gateway API cannot be read: ${messageOf(error)}`);
  }
}

/** @throws Error for a document that is no object of Kubernetes */
function manifestFrom(document: unknown): Manifest {
  const [kind, apiVersion] = [textOf(document, 'kind'), textOf(document, 'apiVersion')];
  const name = textOf(fieldOf(document, 'metadata'), 'name');
  if (kind === undefined || apiVersion === undefined || name === undefined)
    throw new Error('not every document has kind and name');
  return document as Manifest;
}

const unfit = (message: string): ProvisionError =>
  new ProvisionError('BUNDLE_INVALID', message, 'use a bundle with the files of a release of the Gateway API');
