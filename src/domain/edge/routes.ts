import type { ManifestObject } from '../kubernetes/objects.js';
import { BROKER_APP } from '../nats/broker.js';
import { BROKER_CLIENT_SERVICE, BROKER_SERVICE, NATS_PORTS } from '../nats/names.js';
import { EDGE, EDGE_CLASS, EDGE_PORTS, edgeObject, listenerOf, MONITOR_POLICY, type TcpPort } from './names.js';

const SERVICES: Readonly<Record<TcpPort, string>> = { client: BROKER_CLIENT_SERVICE, leaf: BROKER_SERVICE };
/** A headless Service: the controller takes the pods behind it. */
const MONITOR_SERVICE = `${BROKER_APP}-headless`;

export const listeners = (ports: readonly TcpPort[]): ManifestObject =>
  edgeObject(EDGE.global, {
    spec: { listeners: ports.map((port) => ({ name: listenerOf(port), port: EDGE_PORTS[port], protocol: 'TCP' })) },
  });

/** It passes bytes on and looks at none of them: TLS ends at the broker. */
export const transportServer = (port: TcpPort): ManifestObject =>
  edgeObject(EDGE[port], {
    spec: {
      ingressClassName: EDGE_CLASS,
      listener: { name: listenerOf(port), protocol: 'TCP' },
      upstreams: [{ name: 'broker', service: SERVICES[port], port: NATS_PORTS[port] }],
      action: { pass: 'broker' },
    },
  });

const BACKEND = { service: { name: MONITOR_SERVICE, port: { number: NATS_PORTS.monitor } } };

/** The broker's monitoring, for those on the list only. */
export const monitoringRoutes = (allow: readonly string[]): ManifestObject[] => [
  edgeObject(EDGE.allowList, { spec: { accessControl: { allow: [...allow] } } }),
  edgeObject(
    EDGE.monitor,
    {
      spec: {
        ingressClassName: EDGE_CLASS,
        // No host: people dial an address. An argument of the controller allows that, and it shows its default certificate.
        rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix', backend: BACKEND }] } }],
      },
    },
    { annotations: { 'nginx.org/ssl-services': MONITOR_SERVICE, 'nginx.org/policies': MONITOR_POLICY } },
  ),
];
