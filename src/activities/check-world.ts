import { randomBytes } from 'node:crypto';
import type { V1Service } from '@kubernetes/client-node';
import type { Attempt, CheckWorld, Intruder, Leafz } from '../domain/checks/world.js';
import { NATS_PORTS } from '../domain/nats/conf.js';
import { monitorPath } from '../domain/nats/monitor.js';
import {
  BROKER_TLS_NAME,
  certificatesOf,
  clientOf,
  LEAF_SERVICE,
  LEAF_TLS_NAME,
  NATS_NAMESPACE,
  type CertificateProfile,
} from '../domain/pki/profiles.js';
import { pkiSpecOf } from '../domain/pki/spec.js';
import { clusterNamed, serverOf, type Host, type Topology } from '../domain/topology/types.js';
import { readMaterial } from './material.js';
import { meshWorld } from './mesh-world.js';
import { factsOf, readPair } from './pki.js';
import { kubernetesState } from './readiness.js';
import type { KubernetesCluster, NatsConnection, NatsIdentity, NatsTarget, Ports, Tunnel } from './ports.js';

const NONCE_TIMEOUT_MS = 3_000;
const NONCE_REPEAT_MS = 50;
const PLAINTEXT_TIMEOUT_MS = 1_500;
const VIOLATION_TIMEOUT_MS = 2_000;

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
    const name = isBroker(cluster) ? 'nats-broker-client' : LEAF_SERVICE;
    const service = await (
      await api(cluster)
    ).read<V1Service>({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: NATS_NAMESPACE } });
    const address = service?.spec?.clusterIP;
    if (address === undefined) throw new Error(`Service ${name} is not there`);
    return ports.hosts.tunnel(server(cluster), address, NATS_PORTS.client, { signal });
  };

  const target = async (cluster: string): Promise<NatsTarget> => {
    const open = tunnels.get(cluster) ?? tunnelTo(cluster);
    tunnels.set(cluster, open);
    open.catch(() => tunnels.delete(cluster)); // the next attempt opens another one
    return { port: (await open).port, serverName: isBroker(cluster) ? BROKER_TLS_NAME : LEAF_TLS_NAME };
  };

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
      attempt(async () => intrude(as, { ports, topology, target: await target(topology.broker.name), identity })),
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

interface IntruderTools {
  ports: Ports;
  topology: Topology;
  target: NatsTarget;
  identity: (role: string) => Promise<NatsIdentity>;
}

async function intrude(as: Intruder, { ports, topology, target, identity }: IntruderTools): Promise<Attempt> {
  if (as === 'plaintext') {
    const answer = await ports.nats.plaintext(target.port, PLAINTEXT_TIMEOUT_MS);
    if (!answer.includes('INFO')) return { outcome: 'unknown', saw: answer || 'no INFO' };
    return answer.includes('PONG')
      ? { outcome: 'accepted', latencyMs: 0 }
      : { outcome: 'refused', saw: 'no answer after INFO' };
  }
  if (as === 'subscriber-publishes') {
    const connection = await ports.nats.connect(target, await identity('subscriber'));
    try {
      connection.publish(topology.nats.subject, 'this must not arrive');
      await connection.flush();
      const deadline = performance.now() + VIOLATION_TIMEOUT_MS;
      while (connection.violations().length === 0 && performance.now() < deadline)
        await ports.clock.sleep(20, AbortSignal.timeout(5_000));
      const [violation] = connection.violations();
      return violation === undefined ? { outcome: 'accepted', latencyMs: 0 } : { outcome: 'refused', saw: violation };
    } finally {
      await connection.close();
    }
  }
  const { ca } = await identity('probe');
  const connection = await ports.nats.connect(
    target,
    as === 'foreign-ca' ? { ...(await foreignIdentity(ports)), ca } : { ca },
  );
  await connection.close();
  return { outcome: 'accepted', latencyMs: 0 };
}

/** A certificate with the right name under a CA that nobody trusts, made for this one attempt. */
async function foreignIdentity({ mint }: Ports): Promise<{ certificate: string; privateKey: string }> {
  const profile = (spec: string): CertificateProfile => {
    const found = certificatesOf({ topology: '', broker: 'x', brokerAddresses: [], leaves: [] }).find(
      ({ name }) => name === spec,
    );
    if (found === undefined) throw new RangeError(`no certificate "${spec}"`);
    return found.profile;
  };
  const ca = await mint.selfSigned(profile('nats/ca'));
  return mint.signedBy(ca, profile(clientOf('probe')));
}
