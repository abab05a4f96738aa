import type { HostPlan } from '../../contract/runs.js';
import { hostState, type HostFacts } from '../hosts/facts.js';
import { hostsOf, type Host, type Topology } from '../../contract/topology.js';

/** Something that forbids the run, found before anything was touched. */
export interface PreflightProblem {
  host: string;
  code: 'PREFLIGHT_FAILED' | 'HOST_FOREIGN' | 'HOST_LOCKED';
  message: string;
  remedy: string;
}

/** Clock difference above which TLS between the hosts fails. */
const MAX_CLOCK_OFFSET_MS = 30_000;
/** Smallest host that K3s documents for a server, rounded down for what the kernel keeps. */
const MIN_MEMORY_MB = 900;
/** Binary, images unpacked, datastore; with room to work. */
const MIN_DISK_FREE_MB = 3_000;
const ARCHES = ['amd64', 'arm64'];

export function problemsOf(facts: HostFacts, host: Host, topology: Topology): PreflightProblem[] {
  const problem = (
    message: string,
    remedy: string,
    code: PreflightProblem['code'] = 'PREFLIGHT_FAILED',
  ): PreflightProblem => ({
    host: host.name,
    code,
    message,
    remedy,
  });
  const state = hostState(facts, topology.name);
  const offsetSeconds = Math.round(facts.clockOffsetMs / 1000);
  return [
    ...foreign(facts, host, topology, state === 'foreign' && !host.adopt, problem),
    ...(ARCHES.includes(facts.arch)
      ? []
      : [problem(`architecture "${facts.arch}" is not supported`, 'use an amd64 or arm64 host')]),
    ...(Math.abs(facts.clockOffsetMs) <= MAX_CLOCK_OFFSET_MS
      ? []
      : [problem(`clock is ${offsetSeconds} s off`, 'set the clock, for example: sudo timedatectl set-ntp true')]),
    ...(facts.memoryMb >= MIN_MEMORY_MB
      ? []
      : [problem(`${facts.memoryMb} MiB of memory, ${MIN_MEMORY_MB} MiB needed`, 'use a larger host')]),
    ...(state === 'ours' || facts.diskFreeMb >= MIN_DISK_FREE_MB
      ? []
      : [
          problem(
            `${facts.diskFreeMb} MiB free in /var/lib, ${MIN_DISK_FREE_MB} MiB needed`,
            'free disk space on the host',
          ),
        ]),
    ...facts.lacks.map((lack) => problem(`${lack} is missing`, 'install it or use another image')),
    ...(state === 'none'
      ? facts.portsTaken.map((port) =>
          problem(`port ${port} is taken`, `free it; who holds it: sudo ss -ltnp 'sport = :${port}'`),
        )
      : []),
    ...facts.reach
      .filter((reach) => reach.state === 'filtered')
      .map((reach) =>
        problem(
          `no answer from ${reach.address}:${reach.port}`,
          `open port ${reach.port} towards this host in the firewall of ${reach.address}`,
        ),
      ),
  ];
}

function foreign(
  facts: HostFacts,
  host: Host,
  topology: Topology,
  refused: boolean,
  problem: (message: string, remedy: string, code: PreflightProblem['code']) => PreflightProblem,
): PreflightProblem[] {
  if (!refused) return [];
  if (facts.owner !== undefined && facts.owner !== topology.name)
    return [
      problem(`belongs to topology "${facts.owner}"`, `tear that one down first, or use another host`, 'HOST_LOCKED'),
    ];
  const found = [
    ...facts.otherKubernetes,
    ...(facts.k3sVersion === undefined ? [] : [`k3s ${facts.k3sVersion}`]),
    ...(facts.k3sUnit === undefined ? [] : ['k3s.service']),
  ];
  return [
    problem(
      `has a Kubernetes that leafspan did not install (${found.join(', ')})`,
      `remove it, or set adopt: true for host "${host.name}" in the topology`,
      'HOST_FOREIGN',
    ),
  ];
}

/** What the run would change, host by host; an empty list of actions means that only the contents are compared. */
export function planHosts(topology: Topology, facts: readonly HostFacts[]): HostPlan[] {
  return hostsOf(topology).flatMap((host) => {
    const seen = facts.find((candidate) => candidate.host === host.name);
    return seen === undefined ? [] : [planHost(topology, host, seen)];
  });
}

function planHost(topology: Topology, host: Host, seen: HostFacts): HostPlan {
  const state = hostState(seen, topology.name);
  const { version } = topology.k3s;
  const parts = host.cluster === topology.broker.name ? brokerParts(topology) : leafParts(topology);
  const install: Record<typeof state, string[]> = {
    none: [`install K3s ${version}`, 'create namespace nats-system with its Secrets', ...parts],
    partial: [`complete the installation of K3s ${version}`, 'complete namespace nats-system', ...parts],
    ours: ['compare K3s, its configuration and every object; change what differs'],
    foreign: [`use the Kubernetes that is there`, 'create namespace nats-system with its Secrets', ...parts],
  };
  return { host: host.name, cluster: host.cluster, state, actions: install[state] };
}

function brokerParts({ link, linkerd, nats }: Topology): string[] {
  const edge = nats.edge === 'nodePort';
  const outside = [
    ...(edge ? [nats.clientNodePort] : []),
    ...(edge && link.mode === 'direct' ? [nats.leafNodePort] : []),
  ];
  return [
    ...(link.mode === 'mesh'
      ? [
          `install Linkerd ${linkerd.version}`,
          `open the gateway on ${link.gateway.port} and its probe on ${link.gateway.probePort}`,
        ]
      : []),
    'run the NATS broker',
    'run the publisher',
    ...(outside.length === 0 ? [] : [`open ${outside.join(' and ')}`]),
  ];
}

const leafParts = ({ broker, link, linkerd }: Topology): string[] => [
  ...(link.mode === 'mesh' ? [`install Linkerd ${linkerd.version}`, `link the cluster to ${broker.name}`] : []),
  'run a NATS leaf node',
  'run the subscriber',
];
