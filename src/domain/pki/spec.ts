import { mayKeepStreams } from '../accounts/streams.js';
import { serverOf, type Topology } from '../../contract/topology/topology.js';
import type { PkiSpec } from './profiles.js';

/** What the PKI of a topology is made from. */
export const pkiSpecOf = ({ leaves, ...settings }: Topology): PkiSpec => ({
  ...hubPkiSpec(settings),
  leaves: leaves.map((leaf) => leaf.name),
});

/** The part of it that every cluster shares. */
export function hubPkiSpec({ name, broker, nats }: Omit<Topology, 'leaves'>): PkiSpec {
  const { externalAddress, internalAddress } = serverOf(broker);
  return {
    topology: name,
    broker: broker.name,
    brokerAddresses: [...new Set([externalAddress, internalAddress])],
    leaves: [],
    accounts: nats.accounts ?? [],
    leafKeys: nats.leafKeys,
    ...(mayKeepStreams(nats) ? { jetstream: true } : {}),
    ...(nats.monitoring === undefined ? {} : { monitoring: true }),
  };
}

export const leafPkiSpec = (settings: Omit<Topology, 'leaves'>, leaf: string): PkiSpec => ({
  ...hubPkiSpec(settings),
  leaves: [leaf],
});
