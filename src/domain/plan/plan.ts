import type { HostPlan } from '../../contract/runs.js';
import { hostsOf, type Host, type Topology } from '../../contract/topology.js';
import { hostState, type HostFacts } from '../hosts/facts.js';

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
