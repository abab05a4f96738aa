import type { KubernetesObject, V1Secret } from '@kubernetes/client-node';
import { FIELD_MANAGER, OWNER_LABEL } from '../../contract/names.js';
import type { Gateway } from '../../contract/topology/topology.js';
import { EXPORTED, GATEWAY_IDENTITY, LINKERD_NAMESPACE, MULTICLUSTER_NAMESPACE } from '../linkerd/names.js';

/**
 * The three objects that tie a leaf cluster to the broker cluster. They are made here and not by `linkerd multicluster
 * link-gen`, which takes the credentials from a kubeconfig of the broker cluster's administrator on some host: here the
 * token goes from one API server to the other, and the probe port is right before the Link exists.
 */
export interface LinkSpec {
  /** Name of the broker cluster; the mirrored Services end in it. */
  broker: string;
  /** Address under which the leaf cluster reaches the broker cluster's API server and gateway. */
  address: string;
  gateway: Gateway;
  /** Release of Linkerd; its own check compares it with the control plane's. */
  version: string;
}

export interface LinkCredentials {
  /** Base64, as the token Secret holds them. */
  token: string;
  ca: string;
  account: string;
}

type Named<T> = T & { apiVersion: string; kind: string; metadata: { name: string; namespace: string } };

const labels = { [OWNER_LABEL]: FIELD_MANAGER };
const credentialsName = (broker: string): string => `cluster-credentials-${broker}`;

function kubeconfig({ broker, address }: LinkSpec, { token, ca, account }: LinkCredentials): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: broker, cluster: { server: `https://${address}:6443`, 'certificate-authority-data': ca } }],
    users: [{ name: account, user: { token: atob(token) } }],
    contexts: [{ name: broker, context: { cluster: broker, user: account } }],
    'current-context': broker,
  });
}

const credentials = (
  link: LinkSpec,
  secret: LinkCredentials,
  namespace: string,
  more: { labels?: Record<string, string>; annotations?: Record<string, string> },
): Named<V1Secret> => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'mirror.linkerd.io/remote-kubeconfig',
  metadata: {
    name: credentialsName(link.broker),
    namespace,
    labels: { ...labels, ...more.labels },
    ...(more.annotations === undefined ? {} : { annotations: more.annotations }),
  },
  data: { kubeconfig: btoa(kubeconfig(link, secret)) },
});

/** For the mirror controller, and for the control plane, which follows Services of other clusters by it. */
export const linkCredentials = (link: LinkSpec, secret: LinkCredentials): Named<V1Secret>[] => [
  credentials(link, secret, MULTICLUSTER_NAMESPACE, {}),
  credentials(link, secret, LINKERD_NAMESPACE, {
    labels: { 'multicluster.linkerd.io/cluster-name': link.broker },
    annotations: {
      'multicluster.linkerd.io/trust-domain': 'cluster.local',
      'multicluster.linkerd.io/cluster-domain': 'cluster.local',
    },
  }),
];

const LINK_API = 'multicluster.linkerd.io/v1alpha3';

export const linkObject = ({ broker, address, gateway, version }: LinkSpec): Named<KubernetesObject> => {
  const spec = {
    targetClusterName: broker,
    targetClusterDomain: 'cluster.local',
    targetClusterLinkerdNamespace: LINKERD_NAMESPACE,
    clusterCredentialsSecret: credentialsName(broker),
    gatewayAddress: address,
    gatewayPort: String(gateway.port),
    gatewayIdentity: GATEWAY_IDENTITY,
    // Three failures of a probe each 3 s: an outage of the gateway is noticed within 10 s.
    probeSpec: { path: '/ready', port: String(gateway.probePort), period: '3s', timeout: '30s', failureThreshold: '3' },
    selector: { matchLabels: { [EXPORTED]: 'true' } },
    remoteDiscoverySelector: { matchLabels: { [EXPORTED]: 'remote-discovery' } },
    federatedServiceSelector: { matchLabels: { 'mirror.linkerd.io/federated': 'member' } },
  };
  return {
    apiVersion: LINK_API,
    kind: 'Link',
    metadata: {
      name: broker,
      namespace: MULTICLUSTER_NAMESPACE,
      labels,
      annotations: { 'linkerd.io/created-by': `linkerd/cli ${version}` },
    },
    spec,
  } as Named<KubernetesObject>;
};

/** In the order of the apply: the controller that sees the Link reads its credentials. */
export const linkObjects = (link: LinkSpec, secret: LinkCredentials): Named<KubernetesObject>[] => [
  ...linkCredentials(link, secret),
  linkObject(link),
];

/** Link and credentials by name, for removal: the Link first, so that its controller still can take its mirrors away. */
export const linkRefs = (broker: string): Named<KubernetesObject>[] => [
  { apiVersion: LINK_API, kind: 'Link', metadata: { name: broker, namespace: MULTICLUSTER_NAMESPACE } },
  ...[MULTICLUSTER_NAMESPACE, LINKERD_NAMESPACE].map((namespace) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: credentialsName(broker), namespace },
  })),
];
