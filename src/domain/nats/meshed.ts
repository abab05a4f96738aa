import type { KubernetesObject, V1NetworkPolicy, V1PodTemplateSpec } from '@kubernetes/client-node';
import { EXPORTED, INJECT, OPAQUE_PORTS, PROXY_INBOUND_PORT, SHUTDOWN_GRACE } from '../linkerd/names.js';
import { BROKER_SERVICE, NATS_NAMESPACE } from '../pki/profiles.js';
import { NATS_PORTS } from './conf.js';
import { partOf } from './manifests.js';

type Named = KubernetesObject & { metadata: { name: string; namespace?: string } };

/**
 * Both NATS ports are opaque everywhere, since a NATS server speaks first and Linkerd would wait for the client. An
 * annotation, because a mirror copies annotations and no appProtocol.
 */
const opaque = { [OPAQUE_PORTS]: [NATS_PORTS.client, NATS_PORTS.leaf].join(',') };

/**
 * The proxy ends after the container that it serves. Without a limit it can wait for a connection that nobody ends, as long
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
      // Linkerd's init container sets packet filter rules, which the level "baseline" forbids.
      return labelled(annotated({ [INJECT]: 'enabled' }), { 'pod-security.kubernetes.io/enforce': 'privileged' });
    case 'Service':
      return exported(annotated(opaque));
    case 'StatefulSet':
    case 'Deployment':
      return withTemplate(object);
    case 'NetworkPolicy':
      return withProxyPort(object);
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
    annotations: { ...spec.template.metadata?.annotations, [INJECT]: 'enabled', ...opaque, ...noDrain },
  };
  return { ...workload, spec: { ...spec, template: { ...spec.template, metadata } } };
}

/** Meshed traffic arrives at the proxy's port. */
function withProxyPort<T extends Named>(policy: T): T {
  const { spec } = policy as unknown as V1NetworkPolicy;
  const [rule] = spec?.ingress ?? [];
  if (rule === undefined) return policy;
  const ports = [...(rule.ports ?? []), { port: PROXY_INBOUND_PORT, protocol: 'TCP' }];
  return { ...policy, spec: { ...spec, ingress: [{ ...rule, ports }] } };
}

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

/** Addresses that a connection from the host has when it reaches a pod: the bridge of the pod network, and the node's own. */
export function hostAddresses(podCidr: string, internalAddress: string): string[] {
  const [network = ''] = podCidr.split('/');
  // The first address of the node's range is the bridge's: flannel's CNI plugin takes it.
  const bridge = network.replace(/\d+$/, (last) => String(Number(last) + 1));
  return [bridge, internalAddress];
}
