import { serverOf, type Topology } from '../../contract/topology.js';
import type { PkiSpec } from './profiles.js';

/** What the PKI of a topology is made from. */
export function pkiSpecOf({ name, broker, leaves }: Topology): PkiSpec {
  const { externalAddress, internalAddress } = serverOf(broker);
  return {
    topology: name,
    broker: broker.name,
    brokerAddresses: [...new Set([externalAddress, internalAddress])],
    leaves: leaves.map((leaf) => leaf.name),
  };
}
