import type { Cluster, Topology } from '../../../contract/topology/topology.js';
import { clusterNamed } from '../../access/clusters.js';
import { usage } from '../../failure.js';

export interface Chosen {
  leaf: Cluster;
  /** Name of the cluster whose direction comes first. */
  from: string;
}

/** One of the two ends is the broker: messages do not go from leaf to leaf. @throws ProvisionError USAGE */
export function endsOf(topology: Topology, { from, to }: { from?: string; to?: string }): Chosen {
  const [one, other] = [from, to].map((name) => (name === undefined ? undefined : clusterNamed(topology, name)));
  const leaves = [one, other].filter((cluster) => cluster?.role === 'leaf');
  if (leaves.length === 2)
    throw usage(
      'messages go between a leaf and the broker, not between two leaves',
      'name the broker as one of the two',
    );
  if (one !== undefined && one === other) throw usage(`${one.name} is both ends`, 'name a leaf as one of the two');
  const [leaf = topology.leaves[0]] = leaves;
  if (leaf === undefined) throw usage(`topology "${topology.name}" has no leaf`, 'add one, then run provision');
  return { leaf, from: one?.role === 'broker' || other?.role === 'leaf' ? topology.broker.name : leaf.name };
}
