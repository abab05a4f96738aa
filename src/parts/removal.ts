import type { PartRemoval } from '../contract/plan.js';
import type { Part } from './part.js';

/**
 * The parts in reverse. What lives in the cluster of a K3s that leafspan installed goes with K3s, but for what its peers
 * are to see leave; from a cluster that stays each part is taken out.
 */
export function planRemoval(parts: readonly Part[], adopted: boolean): PartRemoval[] {
  const due = parts.filter(
    ({ livesIn, leavesFirst }) => livesIn === 'host' || (livesIn === 'cluster' && (adopted || leavesFirst === true)),
  );
  return [...due].reverse().map(({ name, livesIn, leavesFirst = false }) => ({
    part: name,
    title: `remove ${name}`,
    needs: due
      .filter((other) => needsIn(due, other).has(name) || (name === 'k3s' && other.livesIn === 'cluster'))
      .map((other) => other.name),
    leavesFirst: leavesFirst && livesIn === 'cluster',
  }));
}

/** What a part stands on, also through parts that are not taken out one by one. */
function needsIn(parts: readonly Part[], { needs = [] }: Part): Set<string> {
  const all = new Set<string>();
  const add = (names: readonly string[]): void => {
    for (const name of names) {
      if (all.has(name)) continue;
      all.add(name);
      add(parts.find((part) => part.name === name)?.needs ?? []);
    }
  };
  add(needs);
  return all;
}
