import { CAUSES } from './causes.js';
import { keyOf, type Examined, type Key } from './examined.js';

/** What stands below a check: which others explain it. */
export interface Below {
  /** Those that say why. */
  sure: ReadonlySet<Key>;
  /** With the parts that differ from the topology, which may be why. */
  all: ReadonlySet<Key>;
  /** Those without which it was not looked at. */
  needed: ReadonlySet<Key>;
}

type Edges = ReadonlyMap<Key, readonly Key[]>;

/**
 * For each check everything that stands below it. A chain ends where a check holds: what is below that one is no reason for
 * what fails above it.
 */
export function belowEach(all: readonly Examined[], hub: string): ReadonlyMap<Key, Below> {
  const find = finder(all, hub);
  const [sure, parts] = [new Map<Key, Key[]>(), new Map<Key, Key[]>()];
  for (const each of all) {
    const patterns = CAUSES[each.id] ?? [];
    const named = patterns.filter((pattern) => !isPart(pattern)).flatMap((pattern) => find(each, pattern));
    const ofParts = [...patterns.filter(isPart), ...each.standsOn];
    sure.set(
      keyOf(each),
      [...each.needs, ...named].filter((key) => key !== keyOf(each)),
    );
    parts.set(
      keyOf(each),
      ofParts.flatMap((pattern) => find(each, pattern)).filter((key) => key !== keyOf(each)),
    );
  }
  const holds = new Set(all.filter(({ verdict }) => verdict.state === 'pass').map(keyOf));
  const either = new Map([...sure].map(([key, keys]) => [key, [...keys, ...(parts.get(key) ?? [])]]));
  const needs = new Map(all.map((each) => [keyOf(each), each.needs]));
  const belowOf = (key: Key): Below => ({
    sure: reached(key, sure, holds),
    all: reached(key, either, holds),
    needed: reached(key, needs, holds),
  });
  return new Map(all.map((each) => [keyOf(each), belowOf(keyOf(each))]));
}

const isPart = (pattern: string): boolean => /^(?:hub\/)?part:/.test(pattern);

/** The checks that a pattern of the table means, as seen from a check. */
function finder(all: readonly Examined[], hub: string): (from: Examined, pattern: string) => Key[] {
  const index = new Map<string, Examined[]>();
  for (const each of all) {
    const name = each.part === undefined ? each.id : `part:${each.part}`;
    index.set(name, [...(index.get(name) ?? []), each]);
  }
  return (from, pattern) => {
    const [, where, name = ''] = /^(?:(hub|leaves)\/)?(.+)$/.exec(pattern) ?? [];
    const isThere = ({ cluster }: Examined): boolean => {
      if (where === 'leaves') return cluster !== hub;
      return cluster === (where === 'hub' ? hub : from.cluster);
    };
    return (index.get(name) ?? []).filter(isThere).map(keyOf);
  };
}

function reached(start: Key, edges: Edges, holds: ReadonlySet<Key>): Set<Key> {
  const seen = new Set<Key>();
  const waiting = [...(edges.get(start) ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next) || next === start) continue;
    seen.add(next);
    if (!holds.has(next)) waiting.push(...(edges.get(next) ?? []));
  }
  return seen;
}
