import { isHub, type Scope } from '../../contract/topology/scope.js';
import { mayKeepStreams } from '../accounts/streams.js';
import { serverOf, type Topology } from '../../contract/topology/topology.js';
import { certificatesOf, type CertificateSpec, type PkiSpec } from './profiles.js';

/** What the certificates that every cluster shares are made from. */
function hubPkiSpec({ name, broker, nats }: Omit<Topology, 'leaves'>): PkiSpec {
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

/** The certificates that belong to the cluster: the hub has both roots and those that all leaves use. */
export function certificatesOfCluster({ settings, cluster }: Pick<Scope, 'settings' | 'cluster'>): CertificateSpec[] {
  const shared = certificatesOf(hubPkiSpec(settings));
  if (isHub({ cluster })) return shared;
  const names = new Set(shared.map(({ name }) => name));
  return certificatesOf(leafPkiSpec(settings, cluster.name)).filter(({ name }) => !names.has(name));
}

const leafPkiSpec = (settings: Omit<Topology, 'leaves'>, leaf: string): PkiSpec => ({
  ...hubPkiSpec(settings),
  leaves: [leaf],
});
