import { rangeOf } from '../../../contract/topology/ipv4-range.js';
import { leafAddresses } from '../../../contract/topology/leaf-addresses.js';
import {
  clustersOf,
  SSH_PORT,
  type Cluster,
  type Host,
  type K3sSettings,
  type Link,
  type NatsSettings,
  type Topology,
} from '../../../contract/topology/topology.js';

/** What a host must let in. */
export interface Opening {
  /** Addresses and ranges, or `ANYWHERE`. */
  sources: readonly string[];
  /** TCP. Absent: every port of every protocol. */
  port?: number;
  why: string;
  /** The host forwards it to a pod. */
  toPod?: true;
  /** Whether firewalls between the hosts must let it through too, such as a cloud's. */
  crossesNetworks: boolean;
}

export interface HostOpenings {
  host: string;
  cluster: string;
  openings: readonly Opening[];
}

/** Who needs it is not in the topology. */
export const ANYWHERE = '0.0.0.0/0';

const API_PORT = 6443;

/** Everything that the hosts of a topology must let in, and nothing else. */
export function openingsOf(topology: Topology): HostOpenings[] {
  const from = leafAddresses(topology);
  return clustersOf(topology).flatMap(({ name: cluster, role, hosts }) =>
    hosts.map((host) => ({
      host: host.name,
      cluster,
      openings: [openingForSsh(host), ...openingsBesideSsh(topology, role, from)],
    })),
  );
}

/** @param from addresses of the leaf hosts, for the hub */
export const openingsBesideSsh = (
  { link, nats, k3s }: Pick<Topology, 'link' | 'nats' | 'k3s'>,
  role: Cluster['role'],
  from: readonly string[],
): Opening[] => [
  ...(role === 'broker' ? [...openingsForLeaves(link, nats, from), ...openingsForClients(nats)] : []),
  ...innerOpenings(k3s),
];

function openingForSsh({ ssh }: Host): Opening {
  const jump = ssh.jump?.at(-1);
  const common = { port: ssh.port ?? SSH_PORT, crossesNetworks: true };
  return jump !== undefined && rangeOf(jump.address) !== undefined
    ? { ...common, sources: [jump.address], why: 'SSH from the jump host' }
    : { ...common, sources: [ANYWHERE], why: 'SSH from the machine that leafspan runs on, or its jump host' };
}

const openingsForLeaves = (link: Link, nats: NatsSettings, sources: readonly string[]): Opening[] =>
  portsForLeaves(link, nats).map((opening) => ({ sources, ...opening, crossesNetworks: true }));

const portsForLeaves = (link: Link, nats: NatsSettings): Pick<Opening, 'port' | 'why' | 'toPod'>[] =>
  link.mode === 'direct'
    ? [{ port: nats.leafNodePort, toPod: true, why: 'NATS leaf nodes' }]
    : [
        { port: API_PORT, why: 'the mirror controllers of the leaf clusters watch the API' },
        { port: link.gateway.port, toPod: true, why: "Linkerd's gateway: the links" },
        { port: link.gateway.probePort, toPod: true, why: "probes of Linkerd's gateway" },
      ];

const openingsForClients = ({ edge, clientNodePort, monitoring }: NatsSettings): Opening[] =>
  edge === 'none'
    ? []
    : [
        { sources: [ANYWHERE], port: clientNodePort, toPod: true, why: 'NATS clients outside', crossesNetworks: true },
        ...(monitoring === undefined ? [] : [openingForMonitoring(monitoring)]),
      ];

const openingForMonitoring = ({ allow, port }: NonNullable<NatsSettings['monitoring']>): Opening => ({
  sources: allow,
  port,
  toPod: true,
  why: "readers of the broker's monitoring",
  crossesNetworks: true,
});

/** The networks within a cluster: its pods reach the host and, through it, each other. */
export const innerOpenings = ({
  clusterCidr,
  serviceCidr,
}: Pick<K3sSettings, 'clusterCidr' | 'serviceCidr'>): Opening[] => [
  { sources: [clusterCidr], why: 'pods of K3s', crossesNetworks: false },
  { sources: [serviceCidr], why: 'Services of K3s', crossesNetworks: false },
];
