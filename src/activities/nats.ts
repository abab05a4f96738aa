import { createHash } from 'node:crypto';
import type { V1Deployment, V1StatefulSet } from '@kubernetes/client-node';
import { ProvisionError } from '../contract/errors.js';
import { brokerConf, leafConf, NATS_PORTS } from '../domain/nats/conf.js';
import {
  configMap,
  namespace,
  natsServer,
  networkPolicy,
  service,
  serviceAccount,
  tlsSecret,
} from '../domain/nats/manifests.js';
import { program, type ProgramSpec } from '../domain/nats/programs.js';
import { deploymentState, statefulSetState } from '../domain/nats/readiness.js';
import {
  BROKER_CLIENT_SERVICE,
  BROKER_SERVER,
  BROKER_SERVICE,
  clientOf,
  LEAF_SERVICE,
  LEAF_TLS_NAME,
  leafRole,
  leafServer,
  NATS_NAMESPACE,
} from '../domain/pki/profiles.js';
import type { Host, NatsSettings } from '../domain/topology/types.js';
import { guarded, type Work } from './guard.js';
import type { ManifestObject, ObjectRef, Ports } from './ports.js';
import { readMaterial } from './material.js';
import { DeadlineError, until } from './wait.js';

const refOf = ({ apiVersion = '', kind = '', metadata }: ManifestObject): ObjectRef => ({ apiVersion, kind, metadata });

interface NatsInput {
  topology: string;
  server: Host;
  nats: NatsSettings;
}

const WORKLOAD_TIMEOUT_MS = 3 * 60_000;
const BROKER_CLIENT = `${BROKER_CLIENT_SERVICE}.${NATS_NAMESPACE}.svc.cluster.local`;

const sha256 = (...parts: string[]): string => createHash('sha256').update(parts.join('\n')).digest('hex');
const as = (changes: string[], cluster: string): { changed: string[] } => ({
  changed: changes.map((change) => `applied ${change} on ${cluster}`),
});

export const natsActivities = (ports: Ports) => {
  const { kubernetes, secrets } = ports;

  const runProgram = async (
    { topology, server, nats }: NatsInput,
    app: ProgramSpec['app'],
    address: string,
    work: Work,
  ): Promise<{ changed: string[] }> => {
    const cluster = await kubernetes.cluster(server, work);
    const { certificate } = await readMaterial(secrets, topology, clientOf(app));
    const spec = {
      app,
      image: nats.images.box,
      server: `${address}:${NATS_PORTS.client}`,
      subject: nats.subject,
      publishEverySeconds: nats.publishEverySeconds,
    };
    const wanted = program({ ...spec, checksum: sha256(certificate) });
    const changes = await cluster.apply([serviceAccount(app), networkPolicy(app, []), wanted]);
    await awaitReady(ports, server, work, async () => deploymentState(await cluster.read<V1Deployment>(refOf(wanted))));
    return as(changes, server.cluster);
  };

  return {
    /** The namespace and every Secret that the cluster's role needs; values go from the secret store to the API, nowhere else. */
    ensureNatsSecrets: guarded(
      async ({ topology, server, role }: { topology: string; server: Host; role: 'broker' | 'leaf' }, work) => {
        const cluster = await kubernetes.cluster(server, work);
        const secret = async (name: string, app: string, certificate: string): Promise<ManifestObject> =>
          tlsSecret(name, app, await readMaterial(secrets, topology, certificate));
        const wanted =
          role === 'broker'
            ? [
                secret('nats-broker-tls', 'nats-broker', BROKER_SERVER),
                secret('publisher-tls', 'publisher', clientOf('publisher')),
              ]
            : [
                secret('nats-leaf-tls', 'nats-leaf', leafServer(server.cluster)),
                secret('nats-leaf-client-tls', 'nats-leaf', clientOf(leafRole(server.cluster))),
                secret('subscriber-tls', 'subscriber', clientOf('subscriber')),
              ];
        return as(await cluster.apply([namespace(), ...(await Promise.all(wanted))]), server.cluster);
      },
    ),

    ensureBroker: guarded(async ({ topology, server, leaves, nats }: NatsInput & { leaves: string[] }, work) => {
      const cluster = await kubernetes.cluster(server, work);
      const conf = brokerConf({ cluster: server.cluster, leaves, subject: nats.subject });
      const { certificate, ca } = await readMaterial(secrets, topology, BROKER_SERVER);
      const app = 'nats-broker';
      const wanted = natsServer({
        app,
        image: nats.images.server,
        ports: ['client', 'leaf', 'monitor'],
        secrets: { '/etc/nats-tls': 'nats-broker-tls' },
        checksum: sha256(conf, certificate, ca),
      });
      const changes = await cluster.apply([
        serviceAccount(app),
        configMap(app, conf),
        // Leaf nodes and clients have a Service each: what is exported to other clusters carries 7422 alone.
        service(BROKER_SERVICE, app, [{ name: 'leaf', port: NATS_PORTS.leaf }]),
        service(BROKER_CLIENT_SERVICE, app, [{ name: 'client', port: NATS_PORTS.client }]),
        service(`${app}-headless`, app, [{ name: 'monitor', port: NATS_PORTS.monitor }], 'headless'),
        networkPolicy(app, ['client', 'leaf']),
        wanted,
      ]);
      await awaitReady(ports, server, work, async () =>
        statefulSetState(await cluster.read<V1StatefulSet>(refOf(wanted))),
      );
      return as(changes, server.cluster);
    }),

    ensureExternalPorts: guarded(async ({ server, nats }: Pick<NatsInput, 'server' | 'nats'>, work) => {
      const cluster = await kubernetes.cluster(server, work);
      const name = 'nats-broker-external';
      if (nats.edge === 'none') {
        const removed = await cluster.remove({
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name, namespace: NATS_NAMESPACE },
        });
        return { changed: removed ? [`removed Service/${name} on ${server.cluster}`] : [] };
      }
      const wanted = service(
        name,
        'nats-broker',
        [
          { name: 'client', port: NATS_PORTS.client, nodePort: nats.clientNodePort },
          { name: 'leaf', port: NATS_PORTS.leaf, nodePort: nats.leafNodePort },
        ],
        'NodePort',
      );
      return as(await cluster.apply([wanted]), server.cluster);
    }),

    ensureLeafNode: guarded(async ({ topology, server, nats, remote }: NatsInput & { remote: string }, work) => {
      const cluster = await kubernetes.cluster(server, work);
      const conf = leafConf({ cluster: server.cluster, subject: nats.subject, remote });
      const own = await readMaterial(secrets, topology, leafServer(server.cluster));
      const client = await readMaterial(secrets, topology, clientOf(leafRole(server.cluster)));
      const app = 'nats-leaf';
      const wanted = natsServer({
        app,
        image: nats.images.server,
        ports: ['client', 'monitor'],
        secrets: { '/etc/nats-tls': 'nats-leaf-tls', '/etc/nats-leaf-client': 'nats-leaf-client-tls' },
        checksum: sha256(conf, own.certificate, client.certificate, own.ca),
      });
      const changes = await cluster.apply([
        serviceAccount(app),
        configMap(app, conf),
        service(LEAF_SERVICE, app, [{ name: 'client', port: NATS_PORTS.client }]),
        service(`${app}-headless`, app, [{ name: 'monitor', port: NATS_PORTS.monitor }], 'headless'),
        networkPolicy(app, ['client']),
        wanted,
      ]);
      await awaitReady(ports, server, work, async () =>
        statefulSetState(await cluster.read<V1StatefulSet>(refOf(wanted))),
      );
      return as(changes, server.cluster);
    }),

    ensurePublisher: guarded((input: NatsInput, work) => runProgram(input, 'publisher', BROKER_CLIENT, work)),
    ensureSubscriber: guarded((input: NatsInput, work) => runProgram(input, 'subscriber', LEAF_TLS_NAME, work)),
  };
};

async function awaitReady(
  ports: Ports,
  server: Host,
  { signal, heartbeat }: Work,
  look: () => Promise<string | undefined>,
): Promise<void> {
  await until(ports.clock, { timeoutMs: WORKLOAD_TIMEOUT_MS, everyMs: 200, signal }, async () => {
    const saw = await look();
    if (saw === undefined) return { ready: true };
    heartbeat(saw);
    return { ready: false, saw };
  }).catch((error: unknown) => {
    if (error instanceof DeadlineError)
      throw new ProvisionError(
        'NOT_READY',
        error.message,
        `look at: kubectl -n ${NATS_NAMESPACE} get events --sort-by=.lastTimestamp`,
        {
          host: server.name,
        },
      );
    throw error;
  });
}
