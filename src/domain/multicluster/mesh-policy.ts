import type { Cluster } from '../../contract/topology/topology.js';
import { NATS_NAMESPACE } from '../nats/names.js';
import { partOf } from '../kubernetes/pods.js';
import type { Named } from '../linkerd/meshed.js';

type PolicyObject = Named & { apiVersion: string; kind: string; spec: object };

const policyObject = (version: string, kind: string, name: string, app: string, spec: object): PolicyObject => ({
  apiVersion: `policy.linkerd.io/${version}`,
  kind,
  metadata: { name, namespace: NATS_NAMESPACE, labels: partOf(app) },
  spec,
});

/**
 * Closes the NATS ports of an app to unmeshed peers. It is said by `Server` objects and not by the annotation
 * default-inbound-policy, which would also deny the kubelet's HTTPS probes, and then the pod never gets ready. The host
 * itself is let in: from there come the checks and, behind a NodePort, the clients that the topology's `edge` admits. NATS
 * asks each of them for a certificate all the same.
 * @param hostAddresses addresses that connections from the host have in the pod network
 */
export function meshPolicy(
  app: string,
  ports: ('client' | 'leaf')[],
  hostAddresses: readonly string[],
): PolicyObject[] {
  const fromHost = `${app}-from-host`;
  return [
    policyObject('v1alpha1', 'NetworkAuthentication', fromHost, app, {
      networks: hostAddresses.map((address) => ({ cidr: `${address}/32` })),
    }),
    ...ports.flatMap((port) => [
      policyObject('v1beta3', 'Server', `${app}-${port}`, app, {
        podSelector: { matchLabels: { app } },
        port,
        proxyProtocol: 'opaque',
        accessPolicy: 'all-authenticated',
      }),
      policyObject('v1alpha1', 'AuthorizationPolicy', `${app}-${port}-from-host`, app, {
        targetRef: { group: 'policy.linkerd.io', kind: 'Server', name: `${app}-${port}` },
        requiredAuthenticationRefs: [{ group: 'policy.linkerd.io', kind: 'NetworkAuthentication', name: fromHost }],
      }),
    ]),
  ];
}

/** The mesh policy of a cluster's NATS server. */
export const natsPolicy = (role: Cluster['role'], addresses: readonly string[]): PolicyObject[] =>
  role === 'broker'
    ? meshPolicy('nats-broker', ['client', 'leaf'], addresses)
    : meshPolicy('nats-leaf', ['client'], addresses);

/** Addresses that a connection from the host has when it reaches a pod: the bridge of the pod network, and the node's own. */
export function hostAddresses(podCidr: string, internalAddress: string): string[] {
  const [network = ''] = podCidr.split('/');
  // The first address of the node's range is the bridge's: flannel's CNI plugin takes it.
  const bridge = network.replace(/\d+$/, (last) => String(Number(last) + 1));
  return [bridge, internalAddress];
}
