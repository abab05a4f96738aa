import { NATS_NAMESPACE, leafAccount } from '../nats/names.js';

/** Names that Linkerd gives to its own parts; they are the same in every installation. */
export const LINKERD_NAMESPACE = 'linkerd';
export const MULTICLUSTER_NAMESPACE = 'linkerd-multicluster';
/** A Linkerd of anybody has these. */
export const LINKERD_MARKS = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: LINKERD_NAMESPACE } }];
export const MULTICLUSTER_MARKS = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: MULTICLUSTER_NAMESPACE } }];
export const CRD_MARKS = ['servers.policy.linkerd.io', 'serviceprofiles.linkerd.io'].map((name) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name },
}));
export const CONTROL_PLANE = ['linkerd-identity', 'linkerd-destination', 'linkerd-proxy-injector'] as const;
export const GATEWAY = 'linkerd-gateway';
export const LOCAL_MIRROR = 'linkerd-local-service-mirror';
export const mirrorController = (broker: string): string => `controller-${broker}`;
export const PROXY_CONTAINER = 'linkerd-proxy';
/** Every proxy takes meshed traffic here, whatever the port that was dialled. */
export const PROXY_INBOUND_PORT = 4143;
export const PROXY_ADMIN_PORT = 4191;

export const INJECT = 'linkerd.io/inject';
export const OPAQUE_PORTS = 'config.linkerd.io/opaque-ports';
export const SKIP_INBOUND = 'config.linkerd.io/skip-inbound-ports';
export const SHUTDOWN_GRACE = 'config.linkerd.io/shutdown-grace-period';
/**
 * Linkerd holds a container back until the kubelet has asked the proxy whether it is ready, once a second: 2 s, where a
 * proxy is ready after 70 ms. Who dials again after a refusal need not wait. The value is that of the injector's annotation.
 */
export const NO_AWAIT = { 'config.linkerd.io/proxy-await': 'disabled' } as const;
export const TRUST_ROOT = 'linkerd.io/trust-root-sha256';
export const EXPORTED = 'mirror.linkerd.io/exported';

const TRUST_DOMAIN = 'cluster.local';
export const identityOf = (account: string, namespace: string): string =>
  `${account}.${namespace}.serviceaccount.identity.linkerd.${TRUST_DOMAIN}`;
export const GATEWAY_IDENTITY = identityOf(GATEWAY, MULTICLUSTER_NAMESPACE);
export const leafIdentity = (leaf: string): string => identityOf(leafAccount(leaf), NATS_NAMESPACE);

/** ServiceAccount on the broker cluster with which a leaf cluster watches the exported Services; one each, so that each can be revoked separately. */
export const linkAccount = (leaf: string): string => `link-${leaf}`;
