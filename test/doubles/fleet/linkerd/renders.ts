import { createHash, randomUUID } from 'node:crypto';
import {
  CONTROL_PLANE,
  GATEWAY,
  LINKERD_NAMESPACE,
  LOCAL_MIRROR,
  mirrorController,
  MULTICLUSTER_NAMESPACE,
} from '../../../../src/domain/linkerd/names.js';
import type { ControlPlaneMaterial } from '../../../../src/domain/linkerd/render.js';
import { definition, deployment, linkerdDefinitions, plain, type Rendering } from './manifests.js';

const RBAC = 'rbac.authorization.k8s.io/v1';
const WEBHOOKS = 'admissionregistration.k8s.io/v1';

/** As the command prints it: one document after the other. */
const stream = (objects: readonly Rendering[]): string => objects.map((object) => JSON.stringify(object)).join('\n');

export const renderedCrds = (): string => stream(linkerdDefinitions());

const inLinkerd = (apiVersion: string, kind: string, name: string, more: object = {}): Rendering =>
  plain(apiVersion, kind, name, { namespace: LINKERD_NAMESPACE, ...more });

/** Each render issues the certificates of the webhooks again. */
const webhook = (name: string, kind: string): Rendering[] => {
  const certificate = createHash('sha256').update(randomUUID()).digest('hex').repeat(20);
  return [
    inLinkerd('v1', 'Secret', `linkerd-${name}-k8s-tls`, { data: { 'tls.crt': btoa(certificate) } }),
    plain(WEBHOOKS, kind, `linkerd-${name}-webhook-config`, {
      webhooks: [{ clientConfig: { caBundle: btoa(certificate) } }],
    }),
  ];
};

export const renderedControlPlane = ({ anchors, certificate, privateKey }: ControlPlaneMaterial): string =>
  stream([
    plain('v1', 'Namespace', LINKERD_NAMESPACE),
    ...['identity', 'destination', 'proxy-injector'].flatMap((name) => [
      inLinkerd('v1', 'ServiceAccount', `linkerd-${name}`),
      plain(RBAC, 'ClusterRole', `linkerd-linkerd-${name}`, { kilobytes: 1 }),
      plain(RBAC, 'ClusterRoleBinding', `linkerd-linkerd-${name}`),
    ]),
    inLinkerd('v1', 'ConfigMap', 'linkerd-config', { kilobytes: 10 }),
    inLinkerd('v1', 'ConfigMap', 'linkerd-identity-trust-roots', { data: { 'ca-bundle.crt': `${anchors}\n` } }),
    inLinkerd('v1', 'Secret', 'linkerd-identity-issuer', {
      data: { 'crt.pem': btoa(certificate), 'key.pem': btoa(privateKey) },
    }),
    ...['identity', 'dst', 'policy', 'proxy-injector', 'sp-validator'].map((name) =>
      inLinkerd('v1', 'Service', `linkerd-${name}`, { spec: { ports: [{ name: 'grpc', port: 8_080 }] } }),
    ),
    ...CONTROL_PLANE.map((name) =>
      deployment(name, LINKERD_NAMESPACE, { 'linkerd.io/control-plane-component': name.replace('linkerd-', '') }),
    ),
    ...webhook('proxy-injector', 'MutatingWebhookConfiguration'),
    ...webhook('sp-validator', 'ValidatingWebhookConfiguration'),
    ...webhook('policy-validator', 'ValidatingWebhookConfiguration'),
  ]);

/** Values of the chart, as far as the product sets them. */
export interface ExtensionValues {
  gateway: { enabled?: boolean; port?: number; probe?: { port?: number }; serviceType?: string; nodePort?: number };
  controllers?: { link: { ref: { name: string } } }[];
}

const inExtension = (apiVersion: string, kind: string, name: string, more: object = {}): Rendering =>
  plain(apiVersion, kind, name, { namespace: MULTICLUSTER_NAMESPACE, ...more });

const policy = (name: string): Rendering[] => [
  inExtension('policy.linkerd.io/v1beta3', 'Server', name),
  inExtension('policy.linkerd.io/v1alpha1', 'AuthorizationPolicy', name),
];

const gatewayObjects = ({ port = 4_143, probe, nodePort, serviceType }: ExtensionValues['gateway']): Rendering[] => [
  deployment(GATEWAY, MULTICLUSTER_NAMESPACE, { app: GATEWAY }),
  inExtension('v1', 'Service', GATEWAY, {
    spec: {
      type: serviceType,
      selector: { app: GATEWAY },
      ports: [
        { name: 'mc-gateway', port, ...(nodePort === undefined ? {} : { nodePort }) },
        { name: 'mc-probe', port: probe?.port ?? 4_191 },
      ],
    },
  }),
  inExtension('v1', 'ServiceAccount', GATEWAY),
  ...policy(GATEWAY),
];

const controllerObjects = (hub: string): Rendering[] => [
  deployment(mirrorController(hub), MULTICLUSTER_NAMESPACE, {
    component: 'controller',
    'mirror.linkerd.io/cluster-name': hub,
  }),
  inExtension('v1', 'Service', `probe-${hub}`, { spec: { ports: [{ name: 'mc-probe', port: 4_191 }] } }),
  inExtension('v1', 'ServiceAccount', mirrorController(hub)),
  plain(RBAC, 'ClusterRoleBinding', `linkerd-multicluster-controller-access-local-resources-${hub}`),
  inExtension(RBAC, 'Role', `controller-read-remote-creds-${hub}`),
  inExtension(RBAC, 'RoleBinding', `controller-read-remote-creds-${hub}`),
];

export const renderedExtension = ({ gateway, controllers = [] }: ExtensionValues): string =>
  stream([
    plain('v1', 'Namespace', MULTICLUSTER_NAMESPACE),
    ...(gateway.enabled === false ? [] : gatewayObjects(gateway)),
    definition('links', 'multicluster.linkerd.io', 'Link', ['v1alpha1', 'v1alpha2', 'v1alpha3'], 29),
    ...['linkerd-admin', 'service-mirror', 'controller', 'local-service-mirror'].flatMap(policy),
    plain(RBAC, 'ClusterRole', 'linkerd-local-service-mirror-access-local-resources', { kilobytes: 0.5 }),
    plain(RBAC, 'ClusterRoleBinding', 'linkerd-local-service-mirror-access-local-resources'),
    inExtension('v1', 'ServiceAccount', LOCAL_MIRROR),
    deployment(LOCAL_MIRROR, MULTICLUSTER_NAMESPACE, { component: LOCAL_MIRROR }),
    plain(RBAC, 'ClusterRole', 'linkerd-multicluster-controller-access-local-resources'),
    ...controllers.flatMap(({ link: { ref } }) => controllerObjects(ref.name)),
  ]);
