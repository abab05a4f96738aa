import type {
  KubernetesObject,
  V1NetworkPolicy,
  V1NetworkPolicyIngressRule,
  V1PodTemplateSpec,
} from '@kubernetes/client-node';
import {
  EXPORTED,
  GATEWAY,
  INJECT,
  MULTICLUSTER_NAMESPACE,
  NO_AWAIT,
  OPAQUE_PORTS,
  PROXY_INBOUND_PORT,
  SHUTDOWN_GRACE,
} from './names.js';
import { BROKER_APP } from '../nats/broker.js';
import { BROKER_SERVICE, NATS_PORTS } from '../nats/names.js';

export type Named = KubernetesObject & { metadata: { name: string; namespace?: string } };

/**
 * Both NATS ports are opaque everywhere, since a NATS server speaks first and Linkerd would wait for the client. An
 * annotation, because a mirror copies annotations and no appProtocol.
 */
const opaque = { [OPAQUE_PORTS]: [NATS_PORTS.client, NATS_PORTS.leaf].join(',') };

/**
 * The proxy exits after the container that it serves. Without a limit it can wait for a connection that never closes, as long
 * as the pod's own grace, and the pod's successor waits with it.
 */
const noDrain = { [SHUTDOWN_GRACE]: '1s' };

/** What the mesh adds to an object of NATS's; objects that it does not concern come back as they are. */
export function meshed<T extends Named>(object: T): T {
  const annotated = (annotations: Record<string, string>): T => ({
    ...object,
    metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...annotations } },
  });
  switch (object.kind) {
    case 'Namespace':
      // Linkerd's init container sets packet filter rules (NET_ADMIN, NET_RAW). Every level but "privileged" forbids that.
      return labelled(annotated({ [INJECT]: 'enabled' }), { 'pod-security.kubernetes.io/enforce': 'privileged' });
    case 'Service':
      return exported(annotated(opaque));
    case 'StatefulSet':
    case 'Deployment':
      return withTemplate(object);
    case 'NetworkPolicy':
      return withMeshedPeers(object);
    default:
      return object;
  }
}

const labelled = <T extends Named>(object: T, labels: Record<string, string>): T => ({
  ...object,
  metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } },
});

const exported = <T extends Named>(service: T): T =>
  service.metadata.name === BROKER_SERVICE ? labelled(service, { [EXPORTED]: 'true' }) : service;

function withTemplate<T extends Named>(workload: T): T {
  const { spec } = workload as unknown as { spec: { template: V1PodTemplateSpec } };
  const metadata = {
    ...spec.template.metadata,
    annotations: { ...spec.template.metadata?.annotations, [INJECT]: 'enabled', ...opaque, ...noDrain, ...NO_AWAIT },
  };
  return { ...workload, spec: { ...spec, template: { ...spec.template, metadata } } };
}

const TCP = 'TCP';

/** The gateway, which carries the leaf nodes of other clusters. */
const FROM_GATEWAY: V1NetworkPolicyIngressRule = {
  _from: [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': MULTICLUSTER_NAMESPACE } },
      podSelector: { matchLabels: { app: GATEWAY } },
    },
  ],
  ports: [NATS_PORTS.leaf, PROXY_INBOUND_PORT].map((port) => ({ port, protocol: TCP })),
};

const isOfPods = ({ _from = [] }: V1NetworkPolicyIngressRule): boolean =>
  _from.every(({ ipBlock }) => ipBlock === undefined);

/** Meshed pods arrive at the proxy's port; who comes from outside the cluster is not in its mesh. */
function withMeshedPeers<T extends Named>(policy: T): T {
  const { spec } = policy as unknown as V1NetworkPolicy;
  if (spec?.ingress === undefined) return policy;
  const ingress = spec.ingress.map((rule) =>
    isOfPods(rule) ? { ...rule, ports: [...(rule.ports ?? []), { port: PROXY_INBOUND_PORT, protocol: TCP }] } : rule,
  );
  const gateway = policy.metadata.name === BROKER_APP ? [FROM_GATEWAY] : [];
  return { ...policy, spec: { ...spec, ingress: [...ingress, ...gateway] } };
}
