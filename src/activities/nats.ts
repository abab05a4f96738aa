import { createHash } from 'node:crypto';
import type { V1Deployment, V1StatefulSet } from '@kubernetes/client-node';
import { brokerObjects, BROKER_WORKLOAD } from '../domain/nats/broker.js';
import { leafNodeObjects, LEAF_WORKLOAD } from '../domain/nats/leaf-node.js';
import { namespace } from '../domain/nats/manifests.js';
import { programObjects, programWorkload, type ProgramSpec } from '../domain/nats/programs.js';
import { brokerSecrets, leafSecrets } from '../domain/nats/secrets.js';
import { dressed } from '../domain/linkerd/meshed.js';
import { deploymentState, statefulSetState } from '../domain/kubernetes/workloads.js';
import { BROKER_SERVER, clientOf, leafServer } from '../domain/pki/profiles.js';
import type { Cluster } from '../contract/topology.js';
import { applied } from './changes.js';
import { guarded, type Work } from './activity.js';
import type { NatsInput } from './nats-input.js';
import type { NatsIdentity, Ports } from '../parts/ports.js';
import { readMaterial } from './material.js';
import { awaited } from './wait.js';
import { leafRole, NATS_NAMESPACE } from '../domain/nats/names.js';
import type { ManifestObject } from '../domain/kubernetes/objects.js';

const WORKLOAD = {
  timeoutMs: 3 * 60_000,
  look: `kubectl -n ${NATS_NAMESPACE} get events --sort-by=.lastTimestamp`,
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
type SecretsInput = Omit<NatsInput, 'nats'> & { role: Cluster['role'] };

export const natsActivities = (ports: Ports) => {
  const { kubernetes, secrets, clock } = ports;

  const material = (topology: string, name: string): Promise<NatsIdentity> => readMaterial(secrets, topology, name);

  const runServer = async (
    { server, mode }: NatsInput,
    objects: ManifestObject[],
    workload: typeof BROKER_WORKLOAD,
    work: Work,
  ): Promise<{ changed: string[] }> => {
    const cluster = await kubernetes.cluster(server, work);
    const changes = await cluster.apply(dressed(mode, objects));
    await awaited(clock, server, work, WORKLOAD, async () =>
      statefulSetState(await cluster.read<V1StatefulSet>(workload)),
    );
    return applied(changes, server);
  };

  const runProgram = async (
    { topology, server, nats, mode }: NatsInput,
    app: ProgramSpec['app'],
    work: Work,
  ): Promise<{ changed: string[] }> => {
    const cluster = await kubernetes.cluster(server, work);
    const client = await material(topology, clientOf(app));
    const { subject, publishEverySeconds, images } = nats;
    const wanted = programObjects({
      app,
      cluster: server.cluster,
      image: images.box,
      subject,
      publishEverySeconds,
      client,
      sha256,
    });
    const changes = await cluster.apply(dressed(mode, wanted));
    await awaited(clock, server, work, WORKLOAD, async () =>
      deploymentState(await cluster.read<V1Deployment>(programWorkload(app))),
    );
    return applied(changes, server);
  };

  const secretsOf = async (topology: string, role: Cluster['role'], cluster: string): Promise<ManifestObject[]> => {
    const read = (name: string): Promise<NatsIdentity> => material(topology, name);
    if (role === 'broker') {
      const [broker, publisher] = await Promise.all([read(BROKER_SERVER), read(clientOf('publisher'))]);
      return brokerSecrets({ broker, publisher });
    }
    const [leaf, leafClient, subscriber] = await Promise.all([
      read(leafServer(cluster)),
      read(clientOf(leafRole(cluster))),
      read(clientOf('subscriber')),
    ]);
    return leafSecrets({ leaf, leafClient, subscriber });
  };

  return {
    /** The namespace and every Secret that the cluster's role needs; values go from the secret store to the API, nowhere else. */
    ensureNatsSecrets: guarded(async ({ topology, server, role, mode }: SecretsInput, work) => {
      const cluster = await kubernetes.cluster(server, work);
      const wanted = [namespace(), ...(await secretsOf(topology, role, server.cluster))];
      return applied(await cluster.apply(dressed(mode, wanted)), server);
    }),

    ensureBroker: guarded(async (input: NatsInput & { leaves: string[] }, work) => {
      const { topology, server: host, leaves, nats } = input;
      const { subject, images } = nats;
      const server = await material(topology, BROKER_SERVER);
      const spec = { cluster: host.cluster, leaves, subject, image: images.server, server, sha256 };
      return runServer(input, brokerObjects(spec), BROKER_WORKLOAD, work);
    }),

    ensureLeafNode: guarded(async (input: NatsInput & { remote: string }, work) => {
      const { topology, server: host, nats, remote } = input;
      const { subject, images } = nats;
      const server = await material(topology, leafServer(host.cluster));
      const client = await material(topology, clientOf(leafRole(host.cluster)));
      const spec = { cluster: host.cluster, subject, remote, image: images.server, server, client, sha256 };
      return runServer(input, leafNodeObjects(spec), LEAF_WORKLOAD, work);
    }),

    ensurePublisher: guarded((input: NatsInput, work) => runProgram(input, 'publisher', work)),
    ensureSubscriber: guarded((input: NatsInput, work) => runProgram(input, 'subscriber', work)),
  };
};
