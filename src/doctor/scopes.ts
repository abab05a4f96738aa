import { hubScope, leafScope, settingsOf, type Scope } from '../contract/topology/scope.js';
import type { Topology } from '../contract/topology/topology.js';

/**
 * The hub and the leaves, as a doctor sees them: a renewal that is due has changed nothing yet, so that only what has expired
 * counts. A check of its own warns of what ends soon.
 */
export function scopesOf(topology: Topology, only: readonly string[] | undefined): Scope[] {
  const seen: Topology = { ...topology, renewal: { withinDays: 0 } };
  const leaves = topology.leaves.filter(({ name }) => only?.includes(name) ?? true);
  return [hubScope(seen), ...leaves.map((leaf) => leafScope(settingsOf(seen), leaf))];
}
