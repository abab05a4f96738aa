import type { V1Deployment } from '@kubernetes/client-node';
import { serviceAccount, type TlsMaterial } from './manifests.js';
import { networkPolicy } from './network-policy.js';
import { BROKER_CLIENT_SERVICE, inboxPrefix, LEAF_SERVICE, NATS_NAMESPACE, NATS_PORTS, serviceHost } from '../names.js';
import type { ManifestObject, ObjectRef } from '../../kubernetes/objects.js';
import { CHECKSUM_ANNOTATION, CONTAINER_SECURITY, partOf, POD_SECURITY, type Sha256 } from '../../kubernetes/pods.js';
import { SECRETS } from './secrets.js';

export const PROGRAM_CONTAINER = 'nats-box';

/** The demo programs: one publisher on the broker cluster, one subscriber on each leaf cluster. */
export interface ProgramSpec {
  app: 'publisher' | 'subscriber';
  /** Of the cluster on which it runs. */
  cluster: string;
  image: string;
  /** host:port of the NATS server in the cluster. */
  server: string;
  subject: string;
  publishEverySeconds: number;
  checksum: string;
}

const connection = ({ server, cluster }: Pick<ProgramSpec, 'server' | 'cluster'>): string =>
  `nats --no-context --server tls://${server} --inbox-prefix ${inboxPrefix(cluster)} --tlscert /certs/tls.crt --tlskey /certs/tls.key --tlsca /certs/ca.crt`;

/**
 * One long-lived connection: the lines are made by the shell and sent as they come. A connection that fails, as it may
 * before the Service's rules are there, is made again at once and not after the kubelet's growing back-off; the count continues.
 */
export const publisherCommand = ({ subject, publishEverySeconds, ...spec }: ProgramSpec): string => `
trap 'exit 0' TERM
messages() {
  n=$(cat /tmp/count 2>/dev/null || echo 0)
  while :; do
    n=$((n + 1))
    echo "Message #$n - Published at $(date -u '+%Y-%m-%d %H:%M:%S') UTC" || return
    echo "$n" > /tmp/count
    sleep ${publishEverySeconds}
  done
}
while :; do
  messages | ${connection(spec)} pub ${subject} --force-stdin --send-on newline
  sleep 1
done
`;

/**
 * Begins again at once too: a host that boots starts it before its server, and the back-off would cost half a minute. A
 * connection that breaks is made again here, since the client's own tries have pauses of up to seconds: five times a second,
 * for ten.
 */
export const subscriberCommand = ({ subject, ...spec }: ProgramSpec): string => `
trap 'kill $pid; exit 0' TERM
[ -p /tmp/said ] || mkfifo /tmp/said
tries=0
while :; do
  pause=0.2; [ $tries -lt 50 ] || pause=1
  ${connection(spec)} sub ${subject} 2>/tmp/said & pid=$!
  while read -r line; do
    echo "$line" >&2
    case "$line" in *'will attempt reconnect'*) kill $pid; tries=0 ;; esac
  done </tmp/said
  wait $pid
  tries=$((tries + 1))
  sleep $pause
done
`;

type Deployment = V1Deployment & { apiVersion: string; kind: string; metadata: { name: string; namespace: string } };

export const program = (spec: ProgramSpec): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: spec.app, namespace: NATS_NAMESPACE, labels: partOf(spec.app) },
  spec: {
    replicas: 1,
    strategy: { type: 'Recreate' }, // two publishers at once would number their messages twice
    selector: { matchLabels: { app: spec.app } },
    template: {
      metadata: { labels: partOf(spec.app), annotations: { [CHECKSUM_ANNOTATION]: spec.checksum } },
      spec: {
        serviceAccountName: spec.app,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        terminationGracePeriodSeconds: 2,
        securityContext: POD_SECURITY,
        containers: [
          {
            name: PROGRAM_CONTAINER,
            image: spec.image,
            imagePullPolicy: 'IfNotPresent',
            command: ['/bin/sh', '-c', spec.app === 'publisher' ? publisherCommand(spec) : subscriberCommand(spec)],
            env: [{ name: 'HOME', value: '/tmp' }],
            resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } },
            securityContext: CONTAINER_SECURITY,
            volumeMounts: [
              { name: 'tls', mountPath: '/certs', readOnly: true },
              { name: 'tmp', mountPath: '/tmp' },
            ],
          },
        ],
        volumes: [
          { name: 'tls', secret: { secretName: SECRETS[spec.app], defaultMode: 0o440 } },
          { name: 'tmp', emptyDir: {} },
        ],
      },
    },
  },
});

const SERVERS = { publisher: BROKER_CLIENT_SERVICE, subscriber: LEAF_SERVICE } as const;

export const programWorkload = (app: ProgramSpec['app']): ObjectRef => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: app, namespace: NATS_NAMESPACE },
});

export interface ProgramSettings extends Omit<ProgramSpec, 'server' | 'checksum'> {
  client: Pick<TlsMaterial, 'ca'>;
  sha256: Sha256;
}

/** A program at the NATS server of its cluster, in the order of its apply. */
export const programObjects = ({ client, sha256, ...spec }: ProgramSettings): ManifestObject[] => [
  serviceAccount(spec.app),
  networkPolicy(spec.app, []),
  program({
    ...spec,
    server: `${serviceHost(SERVERS[spec.app])}:${NATS_PORTS.client}`,
    // Its client reads the certificate at each connection, so another one of the same CA is no reason for a restart.
    checksum: sha256(client.ca),
  }),
];
