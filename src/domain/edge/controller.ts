import type { V1Container, V1DeploymentSpec, V1PodSpec } from '@kubernetes/client-node';
import type { ManifestObject } from '../kubernetes/objects.js';
import { partOf } from '../kubernetes/pods.js';
import { NATS_NAMESPACE } from '../nats/names.js';
import {
  EDGE,
  EDGE_APP,
  EDGE_CONFIG,
  EDGE_GLOBAL,
  EDGE_NAMESPACE,
  EDGE_PORTS,
  EDGE_SECRET,
  edgeObject,
  type EdgePort,
} from './names.js';

const READY_PORT = 8081;
/** Of the user nginx in the image, whom its files belong to. */
const NGINX_USER = 101;

export interface ControllerSpec {
  image: string;
  ports: readonly EdgePort[];
}

/** One pod, so there is no leader to elect. Telemetry is on by default and would call out. */
const argumentsFor = ({ ports }: ControllerSpec): string[] => [
  `-nginx-configmaps=${EDGE_NAMESPACE}/${EDGE_CONFIG}`,
  `-global-configuration=${EDGE_NAMESPACE}/${EDGE_GLOBAL}`,
  `-watch-namespace=${EDGE_NAMESPACE},${NATS_NAMESPACE}`,
  `-watch-secret-namespace=${EDGE_NAMESPACE}`,
  '-enable-leader-election=false',
  '-enable-telemetry-reporting=false',
  '-nginx-status=false',
  '-disable-ipv6',
  ...(ports.includes('https')
    ? [`-default-server-tls-secret=${EDGE_NAMESPACE}/${EDGE_SECRET}`, '-allow-empty-ingress-host']
    : []),
];

const fieldOf = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });

const container = (spec: ControllerSpec): V1Container => ({
  name: EDGE_APP,
  image: spec.image,
  imagePullPolicy: 'IfNotPresent',
  args: argumentsFor(spec),
  ports: [
    ...spec.ports.map((name) => ({ name, containerPort: EDGE_PORTS[name], protocol: 'TCP' })),
    { name: 'ready', containerPort: READY_PORT, protocol: 'TCP' },
  ],
  env: [fieldOf('POD_NAMESPACE', 'metadata.namespace'), fieldOf('POD_NAME', 'metadata.name')],
  resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } },
  // It writes its configuration into the image's own directories.
  securityContext: {
    allowPrivilegeEscalation: false,
    // Its files carry this capability: without it in the container's set they cannot even be started.
    capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
  },
  readinessProbe: { httpGet: { path: '/nginx-ready', port: 'ready' }, periodSeconds: 1 },
});

const podSpec = (spec: ControllerSpec): V1PodSpec => ({
  serviceAccountName: EDGE_APP,
  enableServiceLinks: false,
  terminationGracePeriodSeconds: 10,
  securityContext: {
    runAsNonRoot: true,
    runAsUser: NGINX_USER,
    runAsGroup: NGINX_USER,
    seccompProfile: { type: 'RuntimeDefault' },
    // Ports below 1024 for a process without capabilities.
    sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }],
  },
  containers: [container(spec)],
});

export const controller = (spec: ControllerSpec): ManifestObject =>
  edgeObject(EDGE.workload, {
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: EDGE_APP } },
      template: { metadata: { labels: partOf(EDGE_APP) }, spec: podSpec(spec) },
    } satisfies V1DeploymentSpec,
  });
