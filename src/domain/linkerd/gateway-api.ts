import type { V1CustomResourceDefinition } from '@kubernetes/client-node';
import { FIELD_MANAGER, OWNER_LABEL } from '../../contract/names.js';
import { manifestsIn, sourceOf, type Manifest } from '../kubernetes/manifest-file.js';
import { GATEWAY_API_NEWEST, GATEWAY_API_OLDEST, GATEWAY_API_VERSION, gatewayApiFits } from './gateway-api-version.js';

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
  if (labels?.[OWNER_LABEL] === FIELD_MANAGER) return { kind: sourceOf(seen) === sourceSha256 ? 'keep' : 'apply' };
  const version = annotations?.[GATEWAY_API_VERSION];
  if (gatewayApiFits(version)) return { kind: 'keep' };
  return {
    kind: 'refuse',
    because: `the cluster has the Gateway API ${version ?? 'of an unknown version'}; Linkerd needs ${GATEWAY_API_OLDEST.join('.')} to ${GATEWAY_API_NEWEST.join('.')}`,
    hint: 'install a version in that range, or use a K3s release without the Gateway API',
  };
}

/** What the Gateway API consists of. */
const KINDS = ['CustomResourceDefinition', 'ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'];
const NAME = /^[a-z0-9.-]+\.gateway\.networking\.(x-)?k8s\.io$/;

const isOfGatewayApi = ({ kind, metadata }: Manifest): boolean => KINDS.includes(kind) && NAME.test(metadata.name);

/** The objects of a YAML file in the order in which they are applied. @throws ProvisionError BUNDLE_INVALID */
export function gatewayApiObjects(yaml: string, sourceSha256: string): Manifest[] {
  const objects = manifestsIn(yaml, sourceSha256, { of: 'the Gateway API', isPart: isOfGatewayApi });
  const isLast = ({ metadata }: Manifest): boolean => metadata.name === LAST;
  return [...objects.filter((object) => !isLast(object)), ...objects.filter(isLast)];
}
