import { overlap } from './ipv4-range.js';
import { serverOf, type Cluster, type Topology } from './topology.js';

/** The addresses are NAT's own business; in one private network the leaf hosts come with their internal ones. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'];

/** From which addresses the hub sees the hosts of its leaves come. */
export function leafAddresses({ broker, leaves }: { broker: Cluster; leaves: Topology['leaves'] }): string[] {
  const isPrivate = PRIVATE.some((range) => overlap(range, serverOf(broker).externalAddress));
  const hosts = leaves.flatMap((leaf) => leaf.hosts);
  return [
    ...new Set(
      hosts.flatMap(({ externalAddress, internalAddress }) => [
        externalAddress,
        ...(isPrivate ? [internalAddress] : []),
      ]),
    ),
  ];
}
