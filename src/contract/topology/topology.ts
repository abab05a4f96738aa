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
  /** The hosts' own firewalls are opened and closed. Absent: they stay as they are. */
  firewall?: 'manage';
  approvals: PhaseName[];
  rollout: Rollout;
  artifacts: ArtifactSource;
  /** Names of command-line tools for the hosts. Default: all that there are. */
  tools?: string[];
  /** The user said that streams may be deleted although they hold messages. */
  deleteData?: true;
  /** How certificates are renewed this time. */
  renewal?: Renewal;
}

export interface Renewal {
  /** The run brings new certificates and nothing else. */
  alone?: true;
  /** Those that end within so many days. Default: a number for each cluster, see renewBeforeDays. */
  withinDays?: number | undefined;
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

/** What is absent is as ~/.ssh/config of the worker's user says. */
export interface SshTarget {
  /** An address, a name, or a Host alias of ~/.ssh/config. */
  address: string;
  /** Default: 22. */
  port?: number;
  /** Default: the name of the worker's user. */
  user?: string;
  /** Absolute path. Default: the keys of the SSH agent, then the usual ones of ~/.ssh. */
  privateKeyFile?: string;
  /** `SHA256:` and the unpadded base64 that `ssh-keygen -lf` prints. */
  hostKey?: string;
  /** The hosts on the way, the one that is reached first at the start. Default: none. */
  jump?: JumpTarget[];
}

export type JumpTarget = Omit<SshTarget, 'jump'>;

export const SSH_PORT = 22;

interface Endpoint {
  address: string;
  port?: number | undefined;
}

/** As `[address]:port` when the address has colons itself. */
export const endpointText = ({ address, port = SSH_PORT }: Endpoint): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port}`;

/** The endpoint with the way to it: behind different jump hosts one address is two machines. */
export const routeText = ({ jump = [], ...target }: Endpoint & { jump?: readonly Endpoint[] | undefined }): string =>
  [...jump, target].map(endpointText).join(' > ');

export const loginText = ({ user, address }: SshTarget): string =>
  user === undefined ? address : `${user}@${address}`;

export type Link = { mode: 'direct' } | { mode: 'mesh'; gateway: Gateway };

/** Linkerd's multicluster gateway on the broker cluster; both ports are the ones that leaf clusters dial. */
export interface Gateway {
  exposure: 'loadBalancer' | 'nodePort';
  port: number;
  probePort: number;
}

/** As the schema says, with the period as a number of seconds. */
export type NatsSettings = Omit<TopologyFile['nats'], 'publishEvery'> & { publishEverySeconds: number };
export type Account = NonNullable<TopologyFile['nats']['accounts']>[number];
export type AccountUser = Account['users'][number];
export type Stream = NonNullable<Account['streams']>[number];
export type JetStreamSettings = NonNullable<TopologyFile['nats']['jetstream']>;
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
