/** What the linkerd command prints, in small: one object a line, with the kinds and names of the real ones. */
export interface RenderedObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

const object = (apiVersion: string, kind: string, name: string, namespace?: string): RenderedObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});

export const printed = (objects: readonly object[]): string =>
  objects.map((rendered) => `${JSON.stringify(rendered)}\n`).join('');

export const CRDS = [object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'servers.policy.linkerd.io')];

const deployments = (namespace: string, ...names: string[]): RenderedObject[] =>
  names.map((name) => object('apps/v1', 'Deployment', name, namespace));

export const CONTROL_PLANE = [
  object('v1', 'Namespace', 'linkerd'),
  object('rbac.authorization.k8s.io/v1', 'ClusterRole', 'linkerd-linkerd-identity'),
  object('v1', 'ServiceAccount', 'linkerd-identity', 'linkerd'),
  object('v1', 'Secret', 'linkerd-identity-issuer', 'linkerd'),
  ...deployments('linkerd', 'linkerd-identity', 'linkerd-destination', 'linkerd-proxy-injector'),
];

const NAMESPACE = 'linkerd-multicluster';

/** What another cluster's controller may do on the broker cluster, in the order of the chart. */
const remoteAccess = (account: string): RenderedObject[] => [
  object('rbac.authorization.k8s.io/v1', 'ClusterRole', account),
  object('v1', 'ServiceAccount', account, NAMESPACE),
  object('v1', 'Secret', `${account}-token`, NAMESPACE),
  object('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', account),
];

export const multicluster = (accounts: readonly string[], ...workloads: string[]): RenderedObject[] => [
  object('v1', 'Namespace', NAMESPACE),
  ...accounts.flatMap(remoteAccess),
  ...deployments(NAMESPACE, 'linkerd-local-service-mirror', ...workloads),
];

const webhook = (name: string, kind: string): RenderedObject[] => [
  object('v1', 'Secret', `linkerd-${name}-k8s-tls`, 'linkerd'),
  object('admissionregistration.k8s.io/v1', kind, `linkerd-${name}-webhook-config`),
];

/** The control plane with the webhooks, for which each render issues certificates. */
export const WITH_WEBHOOKS = [
  ...CONTROL_PLANE.slice(0, 3),
  ...webhook('sp-validator', 'ValidatingWebhookConfiguration'),
  ...webhook('policy-validator', 'ValidatingWebhookConfiguration'),
  ...webhook('proxy-injector', 'MutatingWebhookConfiguration'),
  ...CONTROL_PLANE.slice(3),
];
