import type { Topology } from '../../../src/contract/topology/topology.js';
import { keyOf } from '../../../src/domain/diagnosis/examined.js';
import { belowEach } from '../../../src/domain/diagnosis/graph.js';
import { casesOf, seenOf } from './seen.js';

/** Pairs of checks of which each stands below the other. */
export function cyclesIn(topology: Topology): string[] {
  const every = Object.fromEntries(casesOf(topology).map(({ check }) => [keyOf(check), 'it fails']));
  const checks = seenOf(topology, every);
  const below = belowEach(checks, topology.broker.name);
  return checks
    .map(keyOf)
    .flatMap((key) =>
      [...(below.get(key)?.all ?? [])]
        .filter((other) => below.get(other)?.all.has(key) === true)
        .map((other) => `${key} and ${other}`),
    );
}
