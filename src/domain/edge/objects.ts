import type { V1NetworkPolicyIngressRule } from '@kubernetes/client-node';
import type { ManifestObject, ObjectRef } from '../kubernetes/objects.js';
import { BROKER_APP } from '../nats/broker.js';
import { NATS_PORTS } from '../nats/names.js';
import { tlsSecret, type TlsMaterial } from '../nats/objects/manifests.js';
import { controller } from './controller.js';
import {
  EDGE,
  EDGE_APP,
  EDGE_NAMESPACE,
  EDGE_PORTS,
  EDGE_SERVICE,
  edgeObject,
  type EdgePort,
  type TcpPort,
} from './names.js';
import { edgeRights } from './rbac.js';
import { listeners, monitoringRoutes, transportServer } from './routes.js';

export interface Monitoring {
  allow: readonly string[];
  tls: TlsMaterial;
}

export interface EdgeSpec {
  image: string;
  /** What it takes in by TCP. */
  tcp: readonly TcpPort[];
  /** undefined: monitoring stays inside. */
  monitoring: Monitoring | undefined;
}

const tcp = (ports: readonly number[]) => ports.map((port) => ({ port, protocol: 'TCP' }));

/** The client's name of the field `from`; its serializer would drop that silently. */
const ruleOf = (ports: readonly number[], from?: V1NetworkPolicyIngressRule['_from']): V1NetworkPolicyIngressRule => ({
  ...(from === undefined ? {} : { _from: from }),
  ports: tcp(ports),
});

const policy = (of: ObjectRef, app: string, rule: V1NetworkPolicyIngressRule): ManifestObject =>
  edgeObject(of, { spec: { podSelector: { matchLabels: { app } }, policyTypes: ['Ingress'], ingress: [rule] } });

/** Lets the controller in at the broker. A policy of its own adds to the broker's, which need not know of the edge. */
const admission = (ports: readonly EdgePort[]): ManifestObject =>
  policy(
    EDGE.admission,
    BROKER_APP,
    ruleOf(
      ports.map((port) => (port === 'https' ? NATS_PORTS.monitor : NATS_PORTS[port])),
      [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': EDGE_NAMESPACE } },
          podSelector: { matchLabels: { app: EDGE_APP } },
        },
      ],
    ),
  );

/** The edge, in the order of its apply. */
export function edgeObjects({ image, tcp: tcpPorts, monitoring }: EdgeSpec): ManifestObject[] {
  const ports: EdgePort[] = monitoring === undefined ? [...tcpPorts] : ['https', ...tcpPorts];
  return [
    edgeObject(EDGE.namespace, {}, { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } }),
    edgeObject(EDGE.account),
    ...edgeRights(),
    edgeObject(EDGE.ingressClass, { spec: { controller: 'nginx.org/ingress-controller' } }),
    // Of a leaf node or a client each worker holds two connections; its default of 1024 would end a large fleet.
    edgeObject(EDGE.config, { data: { 'worker-connections': '16384' } }),
    ...(monitoring === undefined ? [] : [secretOf(monitoring.tls)]),
    policy(EDGE.ownPolicy, EDGE_APP, ruleOf(ports.map((port) => EDGE_PORTS[port]))),
    admission(ports),
    listeners(tcpPorts),
    controller({ image, ports }),
    ...tcpPorts.map(transportServer),
    ...(monitoring === undefined ? [] : monitoringRoutes(monitoring.allow)),
  ];
}

function secretOf({ certificate, privateKey, ca }: TlsMaterial): ManifestObject {
  const { type, data } = tlsSecret(EDGE.secret.metadata.name, EDGE_APP, { certificate, privateKey, ca });
  return edgeObject(EDGE.secret, { type, data });
}

/** Every object that a topology may have had here, in the order of an apply. */
export const EDGE_REFS: readonly ObjectRef[] = Object.values(EDGE);

export interface EdgeNodePorts {
  client: number;
  leaf?: number;
  https?: number;
}

const PORTS: readonly EdgePort[] = ['client', 'leaf', 'https'];

/** Opens the controller's ports on the host. `Local`: the allow-list is to see who dials, and not the node. */
export const edgeService = (nodePorts: EdgeNodePorts): ManifestObject =>
  edgeObject(EDGE_SERVICE, {
    spec: {
      type: 'NodePort',
      externalTrafficPolicy: 'Local',
      selector: { app: EDGE_APP },
      ports: PORTS.flatMap((name) => {
        const nodePort = nodePorts[name];
        return nodePort === undefined
          ? []
          : [{ name, port: EDGE_PORTS[name], targetPort: name, nodePort, protocol: 'TCP' }];
      }),
    },
  });
