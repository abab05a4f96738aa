import { GATEWAY_API_VERSION } from '../../../../src/domain/linkerd/gateway-api-version.js';
import { linkerdImages } from '../../../../src/domain/artifacts/components/linkerd-images.js';

/** Release that the modelled command is and renders. */
export const LINKERD_VERSION = 'edge-26.8.3';
/** Version of the CRDs of the Gateway API in the modelled bundle. */
const GATEWAY_API = 'v1.2.1';

export interface Rendering {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; annotations?: Record<string, string>; labels?: Record<string, string> };
  [more: string]: unknown;
}

const CREATED_BY = { 'linkerd.io/created-by': `linkerd/cli ${LINKERD_VERSION} (fleet double)` };

/** Stands for the content of an object that nobody reads; it makes the object about as long as the real one. */
const filler = (kilobytes: number): Record<string, string> => ({ 'leafspan.io/filler': 'x'.repeat(kilobytes * 1_024) });

export const plain = (
  apiVersion: string,
  kind: string,
  name: string,
  { namespace, kilobytes = 0.2, ...more }: { namespace?: string; kilobytes?: number; [more: string]: unknown } = {},
): Rendering => ({
  apiVersion,
  kind,
  metadata: {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    annotations: { ...CREATED_BY, ...filler(kilobytes) },
  },
  ...more,
});

export const definition = (plural: string, group: string, kind: string, versions: string[], kilobytes: number) =>
  plain('apiextensions.k8s.io/v1', 'CustomResourceDefinition', `${plural}.${group}`, {
    kilobytes,
    spec: { group, scope: 'Namespaced', names: { kind, plural }, versions: versions.map((name) => ({ name })) },
  });

const [CONTROLLER = '', PROXY = ''] = linkerdImages(LINKERD_VERSION);

export const deployment = (name: string, namespace: string, labels: Record<string, string>): Rendering =>
  plain('apps/v1', 'Deployment', name, {
    namespace,
    kilobytes: 3,
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            { name: 'main', image: CONTROLLER },
            { name: 'linkerd-proxy', image: PROXY },
          ],
        },
      },
    },
  });

/** CRDs of Linkerd's own, with about the sizes of the real ones. */
export const linkerdDefinitions = (): Rendering[] => [
  definition('authorizationpolicies', 'policy.linkerd.io', 'AuthorizationPolicy', ['v1alpha1'], 6),
  definition('egressnetworks', 'policy.linkerd.io', 'EgressNetwork', ['v1alpha1'], 7),
  definition('httplocalratelimitpolicies', 'policy.linkerd.io', 'HTTPLocalRateLimitPolicy', ['v1alpha1'], 10),
  definition('httproutes', 'policy.linkerd.io', 'HTTPRoute', ['v1beta1', 'v1beta2', 'v1beta3'], 150),
  definition('meshtlsauthentications', 'policy.linkerd.io', 'MeshTLSAuthentication', ['v1alpha1'], 4),
  definition('networkauthentications', 'policy.linkerd.io', 'NetworkAuthentication', ['v1alpha1'], 3),
  definition('serverauthorizations', 'policy.linkerd.io', 'ServerAuthorization', ['v1beta1'], 9),
  definition('servers', 'policy.linkerd.io', 'Server', ['v1beta1', 'v1beta2', 'v1beta3'], 16),
  definition('serviceprofiles', 'linkerd.io', 'ServiceProfile', ['v1alpha2'], 6),
  definition('externalworkloads', 'workload.linkerd.io', 'ExternalWorkload', ['v1beta1'], 14),
];

const GATEWAY_API_KINDS: readonly [plural: string, kind: string, lines: number][] = [
  ['grpcroutes', 'GRPCRoute', 3_000],
  ['tcproutes', 'TCPRoute', 700],
  ['tlsroutes', 'TLSRoute', 900],
  ['httproutes', 'HTTPRoute', 5_500],
];

/** The bundle's manifests of the Gateway API: as many lines of YAML as the real ones have. */
export const gatewayApiYaml = (): string =>
  GATEWAY_API_KINDS.map(([plural, kind, lines]) => {
    const group = 'gateway.networking.k8s.io';
    const fields = Array.from({ length: lines / 2 }, (_, at) => `          field${at}:\n            type: string`);
    return `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: ${plural}.${group}
  annotations:
    ${GATEWAY_API_VERSION}: ${GATEWAY_API}
spec:
  group: ${group}
  scope: Namespaced
  names:
    kind: ${kind}
    plural: ${plural}
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        properties:
${fields.join('\n')}
`;
  }).join('---\n');
