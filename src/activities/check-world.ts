import { randomBytes } from 'node:crypto';
import type { V1Service } from '@kubernetes/client-node';
import type { Attempt, CheckWorld, Leafz } from '../domain/checks/world.js';
import { monitorPath } from '../domain/nats/monitor.js';
import { certificatesOf, clientOf } from '../domain/pki/profiles.js';
import { pkiSpecOf } from '../domain/pki/spec.js';
import { clusterNamed, serverOf, type Host, type Topology } from '../contract/topology.js';
import { readMaterial } from './material.js';
import { intrude } from './intruders.js';
import { meshWorld } from './mesh-world.js';
import { factsOf, readPair } from './pki.js';
import { kubernetesState } from './readiness.js';
import type { KubernetesCluster, NatsConnection, NatsIdentity, NatsTarget, Ports, Tunnel } from '../parts/ports.js';
import {
  BROKER_CLIENT_SERVICE,
  BROKER_SERVICE,
  BROKER_TLS_NAME,
  LEAF_SERVICE,
  LEAF_TLS_NAME,
  NATS_NAMESPACE,
  NATS_PORTS,
} from '../domain/nats/names.js';

const NONCE_TIMEOUT_MS = 3_000;
const NONCE_REPEAT_MS = 50;

/** Errors that say that nobody was there to refuse. */
const UNREACHED = /CONNECTION_REFUSED|ECONNREFUSED|TIMEOUT|ENOTFOUND|EHOSTUNREACH/;

/** The world as checks see it. Tunnels are shared by the checks and closed at the end. */
export function openCheckWorld(
  ports: Ports,
  topology: Topology,
  signal: AbortSignal,
): { world: CheckWorld; close: () => Promise<void> } {
  const tunnels = new Map<string, Promise<Tunnel>>();
  const server = (cluster: string): Host => serverOf(clusterNamed(topology, cluster));
  const api = (cluster: string): Promise<KubernetesCluster> => ports.kubernetes.cluster(server(cluster), { signal });
  const isBroker = (cluster: string): boolean => cluster === topology.broker.name;
  const appOf = (cluster: string): 'nats-broker' | 'nats-leaf' => (isBroker(cluster) ? 'nats-broker' : 'nats-leaf');

  const tunnelTo = async (cluster: string): Promise<Tunnel> => {
    // The broker is dialled as a client of another site would: from a leaf's host, at its external port.
    if (isBroker(cluster) && topology.nats.edge === 'nodePort')
      return ports.hosts.tunnel(
        serverOf(topology.leaves[0] ?? topology.broker),
        server(cluster).externalAddress,
        topology.nats.clientNodePort,
        { signal },
      );
    return tunnelToService(cluster, isBroker(cluster) ? BROKER_CLIENT_SERVICE : LEAF_SERVICE, NATS_PORTS.client);
  };

  const tunnelToService = async (cluster: string, name: string, port: number): Promise<Tunnel> => {
    const service = await (
      await api(cluster)
    ).read<V1Service>({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: NATS_NAMESPACE } });
    const address = service?.spec?.clusterIP;
    if (address === undefined) throw new Error(`Service ${name} is not there`);
    return ports.hosts.tunnel(server(cluster), address, port, { signal });
  };

  const shared = async (key: string, make: () => Promise<Tunnel>): Promise<number> => {
    const open = tunnels.get(key) ?? make();
    tunnels.set(key, open);
    open.catch(() => tunnels.delete(key)); // the next attempt opens another one
    return (await open).port;
  };
  const target = async (cluster: string): Promise<NatsTarget> => ({
    port: await shared(cluster, () => tunnelTo(cluster)),
    serverName: isBroker(cluster) ? BROKER_TLS_NAME : LEAF_TLS_NAME,
  });
  const leafTarget = async (): Promise<NatsTarget> => ({
    port: await shared('leaf port', () => tunnelToService(topology.broker.name, BROKER_SERVICE, NATS_PORTS.leaf)),
    serverName: BROKER_TLS_NAME,
  });

  const identity = (role: string): Promise<NatsIdentity> => readMaterial(ports.secrets, topology.name, clientOf(role));
  const connect = async (cluster: string, role: string): Promise<NatsConnection> =>
    ports.nats.connect(await target(cluster), await identity(role));

  const world: CheckWorld = {
    ...meshWorld(ports, topology, signal),

    kubernetesState: (cluster) => kubernetesState(ports, server(cluster), signal),

    apiEndpoints: async (cluster) => {
      const { body } = await (
        await api(cluster)
      ).get('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes');
      return (
        (JSON.parse(body) as { endpoints?: { addresses: string[] }[] }).endpoints?.flatMap(
          ({ addresses }) => addresses,
        ) ?? []
      );
    },

    certificates: async () =>
      Promise.all(
        certificatesOf(pkiSpecOf(topology)).map(async (spec) => {
          const pair = await readPair(ports.secrets, topology.name, spec.name);
          const signer = spec.signer === undefined ? pair : await readPair(ports.secrets, topology.name, spec.signer);
          return { spec, seen: pair && signer && factsOf(pair, signer), now: ports.clock.now() };
        }),
      ),

    leafz: async (cluster) => {
      const { status, body } = await (await api(cluster)).get(monitorPath(appOf(cluster), 'leafz'));
      if (status !== 200) throw new Error(`/leafz of ${appOf(cluster)}-0 answered ${status}`);
      const { leafnodes, leafs } = JSON.parse(body) as Partial<Leafz>;
      return { leafnodes: leafnodes ?? 0, leafs: leafs ?? [] };
    },

    podsReady: async (cluster, app) => {
      const pods = await (await api(cluster)).pods(NATS_NAMESPACE, `app=${app}`);
      const ready = pods.filter((pod) =>
        pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
      );
      return { ready: ready.length, all: pods.length };
    },

    recentLogs: async (cluster, app, sinceSeconds) => {
      const cluster_ = await api(cluster);
      const pods = await cluster_.pods(NATS_NAMESPACE, `app=${app}`);
      const logs = pods.map((pod) => cluster_.podLogs(NATS_NAMESPACE, pod.metadata?.name ?? '', { sinceSeconds }));
      return (await Promise.all(logs)).join('\n');
    },

    roundTrip: (cluster) =>
      attempt(async () => {
        const connection = await connect(cluster, 'probe');
        const began = performance.now();
        await connection.flush();
        const latencyMs = performance.now() - began;
        await connection.close();
        return { outcome: 'accepted', latencyMs };
      }),

    nonce: async (from, to) => {
      const [sender, receiver] = await Promise.all([connect(from, 'probe'), connect(to, 'probe')]);
      try {
        return await crossing(sender, receiver, ports, signal);
      } finally {
        await Promise.all([sender.close(), receiver.close()]);
      }
    },

    intrude: (as) =>
      attempt(() => intrude(as, { ports, topology, target: () => target(topology.broker.name), leafTarget, identity })),
  };
  return {
    world,
    close: async () => {
      const opened = await Promise.allSettled([...tunnels.values()]);
      await Promise.all(opened.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.close()] : [])));
    },
  };
}

/** Repeats the nonce until it arrives: the subscription needs a moment to spread. The one that arrives says when it left. */
async function crossing(
  sender: NatsConnection,
  receiver: NatsConnection,
  { clock }: Ports,
  signal: AbortSignal,
): Promise<{ arrived: boolean; latencyMs: number }> {
  const nonce = randomBytes(12).toString('hex');
  const subject = `leafspan.probe.${nonce}`;
  let latencyMs = Number.NaN;
  const state = { done: false };
  const arrival = receiver
    .waitFor(subject, (text) => text.startsWith(nonce), NONCE_TIMEOUT_MS)
    .then((text) => {
      if (text !== undefined) latencyMs = performance.now() - Number(text.slice(nonce.length + 1));
      return text !== undefined;
    })
    .finally(() => {
      state.done = true;
    });
  await receiver.flush();
  while (!state.done) {
    sender.publish(subject, `${nonce} ${performance.now()}`);
    await Promise.race([arrival, clock.sleep(NONCE_REPEAT_MS, signal)]);
  }
  return { arrived: await arrival, latencyMs };
}

async function attempt(act: () => Promise<Attempt>): Promise<Attempt> {
  try {
    return await act();
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    const message = error instanceof Error ? error.message : String(error);
    const saw = typeof code === 'string' && code !== message ? readable(code, message) : message;
    return UNREACHED.test(saw) ? { outcome: 'unknown', saw } : { outcome: 'refused', saw: saw.split('\n')[0] ?? saw };
  }
}

/** OpenSSL's own texts name its source files; its codes say enough. */
function readable(code: string, message: string): string {
  const alert = /^ERR_SSL_(?:TLSV\d+_|SSLV3_)?(ALERT_\w+)$/.exec(code)?.[1];
  return alert === undefined ? `${code}: ${message}` : `TLS ${alert.toLowerCase().replaceAll('_', ' ')}`;
}
