import type {
  V1ConfigMap,
  V1Namespace,
  V1PodTemplateSpec,
  V1Probe,
  V1Secret,
  V1Service,
  V1ServiceAccount,
  V1StatefulSet,
  V1VolumeMount,
} from '@kubernetes/client-node';
import { DATA_DIRECTORY } from '../streams/jetstream.js';
import { goMemoryLimit } from '../memory.js';
import { NATS_NAMESPACE, NATS_PORTS } from '../names.js';
import { partOf, POD_SECURITY, CONTAINER_SECURITY, CHECKSUM_ANNOTATION } from '../../kubernetes/pods.js';

type Meta<T> = T & { apiVersion: string; kind: string; metadata: { name: string; namespace?: string } };
const meta = (name: string, app: string): { name: string; namespace: string; labels: Record<string, string> } => ({
  name,
  namespace: NATS_NAMESPACE,
  labels: partOf(app),
});

export const namespace = (): Meta<V1Namespace> => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: NATS_NAMESPACE,
    labels: { ...partOf(NATS_NAMESPACE), 'pod-security.kubernetes.io/enforce': 'restricted' },
  },
});

export const serviceAccount = (app: string, name = app): Meta<V1ServiceAccount> => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: meta(name, app),
});
export const configMap = (app: string, conf: string): Meta<V1ConfigMap> => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: meta(`${app}-config`, app),
  data: { 'nats.conf': conf },
});

export interface TlsMaterial {
  certificate: string;
  privateKey: string;
  ca: string;
}

const base64 = (text: string): string => btoa(text); // PEM is ASCII

/** @param more other files of the Secret, in plain text */
export const tlsSecret = (
  name: string,
  app: string,
  { certificate, privateKey, ca }: TlsMaterial,
  more: Readonly<Record<string, string>> = {},
): Meta<V1Secret> => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'kubernetes.io/tls',
  metadata: meta(name, app),
  data: {
    'tls.crt': base64(certificate),
    'tls.key': base64(privateKey),
    'ca.crt': base64(ca),
    ...Object.fromEntries(Object.entries(more).map(([file, text]) => [file, base64(text)])),
  },
});

export interface ServicePort {
  name: 'client' | 'leaf' | 'monitor';
  port: number;
  nodePort?: number;
}

export const service = (
  name: string,
  app: string,
  ports: ServicePort[],
  kind: 'ClusterIP' | 'NodePort' | 'headless' = 'ClusterIP',
): Meta<V1Service> => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: meta(name, app),
  spec: {
    type: kind === 'headless' ? 'ClusterIP' : kind,
    ...(kind === 'headless' ? { clusterIP: 'None', publishNotReadyAddresses: true } : {}),
    selector: { app },
    ports: ports.map((port) => ({ ...port, targetPort: port.name, protocol: 'TCP' })),
  },
});

/** Annotations of a workload, not of its pods: what its running pod has loaded. Another value is a reload and no other pod. */
export const CERTIFICATES_ANNOTATION = 'leafspan.io/certificates';
export const ACCOUNTS_ANNOTATION = 'leafspan.io/accounts';

export interface NatsServerSpec {
  app: string;
  /** Name of the ServiceAccount. */
  account: string;
  image: string;
  ports: ServicePort['name'][];
  /** Secret name by mount path. */
  secrets: Record<string, string>;
  /** Name of the claim for the volume of its streams; undefined: it keeps none. */
  data?: string | undefined;
  /** Limit of the container. */
  memoryMiB: number;
  checksum: string;
  /** SHA-256 over the certificates that the server has loaded: other ones are a reload and no other pod. */
  certificates: string;
  /** What it has of the user's accounts; undefined: it has none. */
  accounts: string | undefined;
}

/** Without it a server that has files of an account that is gone would never count as started. */
const SERVER_HEALTH = '/healthz?js-server-only=true';

const healthz = (path: string, more: V1Probe): V1Probe => ({
  httpGet: { path, port: 'monitor', scheme: 'HTTPS' },
  ...more,
});

export const natsServer = (spec: NatsServerSpec): Meta<V1StatefulSet> => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: {
    ...meta(spec.app, spec.app),
    annotations: {
      [CERTIFICATES_ANNOTATION]: spec.certificates,
      ...(spec.accounts === undefined ? {} : { [ACCOUNTS_ANNOTATION]: spec.accounts }),
    },
  },
  spec: {
    serviceName: `${spec.app}-headless`,
    replicas: 1,
    // In order, a pod that never gets ready would have to be ready before its successor takes its place.
    podManagementPolicy: 'Parallel',
    selector: { matchLabels: { app: spec.app } },
    template: natsPod(spec),
  },
});

const mountsOf = ({ secrets, data }: Pick<NatsServerSpec, 'secrets' | 'data'>): V1VolumeMount[] => [
  { name: 'config', mountPath: '/etc/nats', readOnly: true },
  { name: 'pid', mountPath: '/var/run/nats' },
  ...Object.entries(secrets).map(([mountPath, name]) => ({ name, mountPath, readOnly: true })),
  ...(data === undefined ? [] : [{ name: 'data', mountPath: DATA_DIRECTORY }]),
];

function natsPod({
  app,
  account,
  image,
  ports,
  secrets,
  data,
  memoryMiB,
  checksum,
}: NatsServerSpec): V1PodTemplateSpec {
  return {
    metadata: { labels: partOf(app), annotations: { [CHECKSUM_ANNOTATION]: checksum } },
    spec: {
      serviceAccountName: account,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      // No lame duck: with one replica no other server takes over the clients, and a slow shutdown only prolongs the outage (7 s
      // against 2 s of a kill). On SIGTERM the server exits at once and its peers dial again.
      terminationGracePeriodSeconds: 10,
      securityContext: POD_SECURITY,
      containers: [
        {
          name: 'nats',
          image,
          imagePullPolicy: 'IfNotPresent',
          command: ['nats-server', '-c', '/etc/nats/nats.conf'],
          ports: ports.map((name) => ({ name, containerPort: NATS_PORTS[name], protocol: 'TCP' })),
          env: [{ name: 'GOMEMLIMIT', value: goMemoryLimit(memoryMiB) }],
          resources: {
            requests: { cpu: '50m', memory: `${memoryMiB / 4}Mi` },
            limits: { memory: `${memoryMiB}Mi` },
          },
          securityContext: CONTAINER_SECURITY,
          // No startup probe: the kubelet asks for readiness only some 0.6 s after it, and clients wait for that. A server
          // that reads its streams has two minutes.
          readinessProbe: healthz(SERVER_HEALTH, { periodSeconds: 1, failureThreshold: 15 }),
          livenessProbe: healthz('/healthz?js-enabled-only=true', { periodSeconds: 30, failureThreshold: 4 }),
          volumeMounts: mountsOf({ secrets, data }),
        },
      ],
      volumes: [
        { name: 'config', configMap: { name: `${app}-config` } },
        { name: 'pid', emptyDir: {} },
        ...Object.values(secrets).map((name) => ({ name, secret: { secretName: name, defaultMode: 0o440 } })),
        ...(data === undefined ? [] : [{ name: 'data', persistentVolumeClaim: { claimName: data } }]),
      ],
    },
  };
}
