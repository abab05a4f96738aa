import type { ManifestObject, ObjectRef } from '../kubernetes/objects.js';
import { partOf } from '../kubernetes/pods.js';
import { MONITOR_NAME, NATS_NAMESPACE, NATS_PORTS } from '../nats/names.js';

export const EDGE_NAMESPACE = 'nginx-ingress';
/** Name of the controller and of what belongs to it. */
export const EDGE_APP = 'nginx-ingress';
/** Of the IngressClass, by which the controller knows what is for it. */
export const EDGE_CLASS = 'nginx';
export const EDGE_CONFIG = 'nginx-config';
export const EDGE_GLOBAL = 'nginx-configuration';
/** The Secret with the certificate that monitoring shows. */
export const EDGE_SECRET = 'nginx-ingress-tls';
export const MONITOR_POLICY = 'monitor-allow';

/** Ports of the controller's pod. */
export const EDGE_PORTS = { https: 443, client: NATS_PORTS.client, leaf: NATS_PORTS.leaf } as const;

export type EdgePort = keyof typeof EDGE_PORTS;
export type TcpPort = Exclude<EdgePort, 'https'>;

/** Of what comes in by TCP: the name of the listener and of the TransportServer that takes it. */
export const listenerOf = (port: TcpPort): string => `nats-${port}`;

const inEdge = (apiVersion: string, kind: string, name: string): ObjectRef => ({
  apiVersion,
  kind,
  metadata: { name, namespace: EDGE_NAMESPACE },
});
const inNats = (apiVersion: string, kind: string, name: string): ObjectRef => ({
  apiVersion,
  kind,
  metadata: { name, namespace: NATS_NAMESPACE },
});
const ofCluster = (apiVersion: string, kind: string, name: string): ObjectRef => ({
  apiVersion,
  kind,
  metadata: { name },
});

const RBAC = 'rbac.authorization.k8s.io/v1';
const NGINX = 'k8s.nginx.org/v1';
const NETWORKING = 'networking.k8s.io/v1';

/** What identifies each object of the edge. */
export const EDGE = {
  namespace: ofCluster('v1', 'Namespace', EDGE_NAMESPACE),
  account: inEdge('v1', 'ServiceAccount', EDGE_APP),
  clusterRole: ofCluster(RBAC, 'ClusterRole', EDGE_APP),
  clusterBinding: ofCluster(RBAC, 'ClusterRoleBinding', EDGE_APP),
  ownRole: inEdge(RBAC, 'Role', EDGE_APP),
  ownBinding: inEdge(RBAC, 'RoleBinding', EDGE_APP),
  natsRole: inNats(RBAC, 'Role', EDGE_APP),
  natsBinding: inNats(RBAC, 'RoleBinding', EDGE_APP),
  ingressClass: ofCluster(NETWORKING, 'IngressClass', EDGE_CLASS),
  config: inEdge('v1', 'ConfigMap', EDGE_CONFIG),
  secret: inEdge('v1', 'Secret', EDGE_SECRET),
  ownPolicy: inEdge(NETWORKING, 'NetworkPolicy', EDGE_APP),
  admission: inNats(NETWORKING, 'NetworkPolicy', EDGE_APP),
  global: inEdge(NGINX, 'GlobalConfiguration', EDGE_GLOBAL),
  workload: inEdge('apps/v1', 'Deployment', EDGE_APP),
  client: inNats(NGINX, 'TransportServer', listenerOf('client')),
  leaf: inNats(NGINX, 'TransportServer', listenerOf('leaf')),
  allowList: inNats(NGINX, 'Policy', MONITOR_POLICY),
  monitor: inNats(NETWORKING, 'Ingress', MONITOR_NAME),
} as const satisfies Readonly<Record<string, ObjectRef>>;

/** The Service with the node ports is a part of its own: one of them can be open at a time. */
export const EDGE_SERVICE = inEdge('v1', 'Service', EDGE_APP);

/** An object of the edge, with our labels. */
export const edgeObject = (
  { metadata, ...ref }: ObjectRef,
  content: object = {},
  more: { labels?: Record<string, string>; annotations?: Record<string, string> } = {},
): ManifestObject & ObjectRef => ({
  ...ref,
  metadata: { ...metadata, ...more, labels: { ...partOf(EDGE_APP), ...more.labels } },
  ...content,
});
