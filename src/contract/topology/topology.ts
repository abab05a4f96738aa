import type { PhaseName } from '../phases.js';
import type { TopologyFile } from './topology-schema.js';

/** A topology after parsing: every default filled in, every path absolute. It travels as workflow input and holds no secret. */
export interface Topology {
  name: string;
  broker: Cluster;
  leaves: Cluster[];
  link: Link;
  nats: NatsSettings;
  k3s: K3sSettings;
  linkerd: LinkerdSettings;
  approvals: PhaseName[];
  rollout: Rollout;
  artifacts: ArtifactSource;
}

export interface Cluster {
  name: string;
  role: 'broker' | 'leaf';
  hosts: Host[];
}

export interface Host {
  /** Unique in the topology; also the Kubernetes node name. */
  name: string;
  cluster: string;
  ssh: SshTarget;
  /** Address that the cluster itself uses. */
  internalAddress: string;
  /** Address under which the other clusters reach this host. */
  externalAddress: string;
  /** Use a working K3s server that was there before leafspan. The claim on the host keeps what was decided. */
  adopt: boolean;
}

export interface SshTarget {
  address: string;
  port: number;
  user: string;
  /** Absolute path; absent: the SSH agent is asked. */
  privateKeyFile?: string;
  /** `SHA256:` and the unpadded base64 that `ssh-keygen -lf` prints. */
  hostKey?: string;
}

export type Link = { mode: 'direct' } | { mode: 'mesh'; gateway: Gateway };

/** Linkerd's multicluster gateway on the broker cluster; both ports are the ones that leaf clusters dial. */
export interface Gateway {
  exposure: 'loadBalancer' | 'nodePort';
  port: number;
  probePort: number;
}

/** As the schema says, with the period as a number of seconds. */
export type NatsSettings = Omit<TopologyFile['nats'], 'publishEvery'> & { publishEverySeconds: number };
export type K3sSettings = TopologyFile['k3s'];
export type LinkerdSettings = TopologyFile['linkerd'];

/** How a run works through the leaves. */
export type Rollout = TopologyFile['rollout'];

/** Failed leaves with which a rollout over so many leaves continues. A share is rounded down; see tooMany for few leaves. */
export function allowedFailures({ maxFailures }: Rollout, leaves: number): number {
  const number = Number.parseInt(maxFailures, 10);
  return maxFailures.endsWith('%') ? Math.floor((number * leaves) / 100) : number;
}

export type ArtifactSource = { from: 'bundle'; folder: string } | { from: 'releases'; mirror?: string };

export const clustersOf = (topology: Topology): Cluster[] => [topology.broker, ...topology.leaves];
export const hostsOf = (topology: Topology): Host[] => clustersOf(topology).flatMap((cluster) => cluster.hosts);

/** The one server of a cluster; the schema guarantees that there is one. */
export function serverOf(cluster: Cluster): Host {
  const [server] = cluster.hosts;
  if (server === undefined) throw new RangeError(`cluster "${cluster.name}" has no host`);
  return server;
}
