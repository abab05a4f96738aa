import type { Host, Topology } from '../../contract/topology.js';
import type { ReachTarget } from '../hosts/reach.js';

/** Ports that K3s and we must be able to bind on a bare host: API server, kubelet, supervisor-only loopback ports. */
const K3S_PORTS = [6443, 6444, 10_248, 10_249, 10_250, 10_256, 10_257, 10_259];

export function portsNeeded(topology: Topology, host: Host): number[] {
  if (host.cluster !== topology.broker.name) return K3S_PORTS;
  const { link, nats } = topology;
  return [
    ...K3S_PORTS,
    ...(nats.edge === 'nodePort' ? [nats.clientNodePort] : []),
    ...(link.mode === 'mesh' ? [link.gateway.port, link.gateway.probePort] : [nats.leafNodePort]),
  ];
}

/** What a leaf's host must reach on the broker's host, by link mode. */
export function reachNeeded(topology: Topology, host: Host): ReachTarget[] {
  if (host.cluster === topology.broker.name) return [];
  const address = topology.broker.hosts[0]?.externalAddress;
  if (address === undefined) return [];
  const ports =
    topology.link.mode === 'direct'
      ? [topology.nats.leafNodePort]
      : [6443, topology.link.gateway.port, topology.link.gateway.probePort];
  return ports.map((port) => ({ address, port }));
}
