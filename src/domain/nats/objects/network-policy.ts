import type { V1NetworkPolicy, V1NetworkPolicyIngressRule, V1NetworkPolicyPeer } from '@kubernetes/client-node';
import { partOf } from '../../kubernetes/pods.js';
import { NATS_NAMESPACE, NATS_PORTS } from '../names.js';

/** Who may dial which ports. What comes from the node itself always gets in: kubelet, API server and our checks. */
export interface Entry {
  from: V1NetworkPolicyPeer[];
  ports: number[];
}

/** On a namespace: its pods may dial NATS. */
const CLIENTS_LABEL = 'leafspan.io/nats-clients';

/** Kubernetes itself sets it on every namespace. */
const NAME_LABEL = 'kubernetes.io/metadata.name';

/** A program of ours, and the pods of namespaces that the topology names or whose owner says so. */
export const clientsOf = (program: string, namespaces: readonly string[]): Entry => ({
  from: [
    { podSelector: { matchLabels: { app: program } } },
    { namespaceSelector: { matchLabels: { [CLIENTS_LABEL]: 'true' } } },
    ...(namespaces.length === 0
      ? []
      : [{ namespaceSelector: { matchExpressions: [{ key: NAME_LABEL, operator: 'In', values: [...namespaces] }] } }]),
  ],
  ports: [NATS_PORTS.client],
});

/**
 * Who comes by the ports of the host: everyone but the pods of the cluster. A policy sees the address that they come from,
 * since it is only translated after it.
 */
export const outsideOf = (podCidr: string, ports: readonly (keyof typeof NATS_PORTS)[]): Entry[] =>
  ports.length === 0
    ? []
    : [{ from: [{ ipBlock: { cidr: '0.0.0.0/0', except: [podCidr] } }], ports: ports.map((name) => NATS_PORTS[name]) }];

const ruleOf = ({ from, ports }: Entry): V1NetworkPolicyIngressRule => ({
  // The client's name of the field; its serializer would drop `from` silently.
  _from: from,
  ports: ports.map((port) => ({ port, protocol: 'TCP' })),
});

type Policy = V1NetworkPolicy & { apiVersion: string; kind: string; metadata: { name: string; namespace: string } };

/** Monitoring (8222) is in no entry: only the kubelet and the API server ask there, from the node. */
export const networkPolicy = (app: string, entries: readonly Entry[]): Policy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: app, namespace: NATS_NAMESPACE, labels: partOf(app) },
  spec: {
    podSelector: { matchLabels: { app } },
    policyTypes: ['Ingress'],
    // An empty list would be dropped by the API server, and each apply would look like a change.
    ...(entries.length === 0 ? {} : { ingress: entries.map(ruleOf) }),
  },
});
