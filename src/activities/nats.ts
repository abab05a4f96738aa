import { createHash } from 'node:crypto';
import type { V1Deployment, V1StatefulSet } from '@kubernetes/client-node';
import { brokerConf, leafConf } from '../domain/nats/conf.js';
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
import { deploymentState, statefulSetState } from '../domain/kubernetes/workloads.js';
import { BROKER_SERVER, clientOf, leafServer } from '../domain/pki/profiles.js';
import type { Cluster } from '../contract/topology.js';
import { applied } from './changes.js';
import { guarded, type Work } from './activity.js';
import { dressed, type NatsInput } from './nats-input.js';
import type { Ports } from '../parts/ports.js';
import { readMaterial } from './material.js';
import { awaited } from './wait.js';
import {
  BROKER_CLIENT_SERVICE,
  BROKER_SERVICE,
  LEAF_SERVICE,
  LEAF_TLS_NAME,
  leafRole,
  NATS_NAMESPACE,
  serviceHost,
  leafAccount,
  NATS_PORTS,
} from '../domain/nats/names.js';
import { refOf, type ManifestObject } from '../domain/kubernetes/objects.js';

const WORKLOAD = {
  timeoutMs: 3 * 60_000,
  look: `kubectl -n ${NATS_NAMESPACE} get events --sort-by=.lastTimestamp`,
};
const BROKER_CLIENT = serviceHost(BROKER_CLIENT_SERVICE);

const sha256 = (...parts: string[]): string => createHash('sha256').update(parts.join('\n')).digest('hex');
type SecretsInput = Omit<NatsInput, 'nats'> & { role: Cluster['role'] };

export const natsActivities = (ports: Ports) => {
  const { kubernetes, secrets, clock } = ports;

  const runProgram = async (
    { topology, server, nats, mode }: NatsInput,
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
    const changes = await cluster.apply(dressed(mode, [serviceAccount(app), networkPolicy(app, []), wanted]));
    await awaited(clock, server, work, WORKLOAD, async () =>
      deploymentState(await cluster.read<V1Deployment>(refOf(wanted))),
    );
    return applied(changes, server);
  };

  return {
    /** The namespace and every Secret that the cluster's role needs; values go from the secret store to the API, nowhere else. */
    ensureNatsSecrets: guarded(async ({ topology, server, role, mode }: SecretsInput, work) => {
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
      return applied(await cluster.apply(dressed(mode, [namespace(), ...(await Promise.all(wanted))])), server);
    }),

    ensureBroker: guarded(async ({ topology, server, leaves, nats, mode }: NatsInput & { leaves: string[] }, work) => {
      const cluster = await kubernetes.cluster(server, work);
      const conf = brokerConf({ cluster: server.cluster, leaves, subject: nats.subject });
      const { certificate, ca } = await readMaterial(secrets, topology, BROKER_SERVER);
      const app = 'nats-broker';
      const wanted = natsServer({
        app,
        account: app,
        image: nats.images.server,
        ports: ['client', 'leaf', 'monitor'],
        secrets: { '/etc/nats-tls': 'nats-broker-tls' },
        // The configuration is not in it: a leaf node that joins is a reload and no restart.
        checksum: sha256(certificate, ca),
      });
      const changes = await cluster.apply(
        dressed(mode, [
          serviceAccount(app),
          configMap(app, conf),
          // Leaf nodes and clients have a Service each: what is exported to other clusters carries 7422 alone.
          service(BROKER_SERVICE, app, [{ name: 'leaf', port: NATS_PORTS.leaf }]),
          service(BROKER_CLIENT_SERVICE, app, [{ name: 'client', port: NATS_PORTS.client }]),
          service(`${app}-headless`, app, [{ name: 'monitor', port: NATS_PORTS.monitor }], 'headless'),
          networkPolicy(app, ['client', 'leaf']),
          wanted,
        ]),
      );
      await awaited(clock, server, work, WORKLOAD, async () =>
        statefulSetState(await cluster.read<V1StatefulSet>(refOf(wanted))),
      );
      return applied(changes, server);
    }),

    ensureLeafNode: guarded(async ({ topology, server, nats, remote, mode }: NatsInput & { remote: string }, work) => {
      const cluster = await kubernetes.cluster(server, work);
      const conf = leafConf({ cluster: server.cluster, subject: nats.subject, remote });
      const own = await readMaterial(secrets, topology, leafServer(server.cluster));
      const client = await readMaterial(secrets, topology, clientOf(leafRole(server.cluster)));
      const app = 'nats-leaf';
      const wanted = natsServer({
        app,
        account: leafAccount(server.cluster),
        image: nats.images.server,
        ports: ['client', 'monitor'],
        secrets: { '/etc/nats-tls': 'nats-leaf-tls', '/etc/nats-leaf-client': 'nats-leaf-client-tls' },
        checksum: sha256(conf, own.certificate, client.certificate, own.ca),
      });
      const changes = await cluster.apply(
        dressed(mode, [
          serviceAccount(app, leafAccount(server.cluster)),
          configMap(app, conf),
          service(LEAF_SERVICE, app, [{ name: 'client', port: NATS_PORTS.client }]),
          service(`${app}-headless`, app, [{ name: 'monitor', port: NATS_PORTS.monitor }], 'headless'),
          networkPolicy(app, ['client']),
          wanted,
        ]),
      );
      await awaited(clock, server, work, WORKLOAD, async () =>
        statefulSetState(await cluster.read<V1StatefulSet>(refOf(wanted))),
      );
      return applied(changes, server);
    }),

    ensurePublisher: guarded((input: NatsInput, work) => runProgram(input, 'publisher', BROKER_CLIENT, work)),
    ensureSubscriber: guarded((input: NatsInput, work) => runProgram(input, 'subscriber', LEAF_TLS_NAME, work)),
  };
};
