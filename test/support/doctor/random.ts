import type { Topology } from '../../../src/contract/topology/topology.js';
import { diagnose } from '../../../src/domain/diagnosis/diagnose.js';
import { CAUSES } from '../../../src/domain/diagnosis/causes.js';
import { keyOf, type Examined } from '../../../src/domain/diagnosis/examined.js';
import { casesOf, seenOf, type Failing } from './seen.js';

/** So many systems, in each of which some checks fail and some do not respond; the same ones in every run. */
export function someFailing(topology: Topology, count: number): Failing[] {
  const keys = casesOf(topology).map(({ check }) => keyOf(check));
  let state = 1;
  const draw = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  return Array.from({ length: count }, () => {
    const share = draw() * 0.3;
    const chosen = keys.filter(() => draw() < share);
    return Object.fromEntries(chosen.map((key) => [key, draw() < 0.2 ? 'silent' : 'it fails']));
  });
}

/** Causes that another check explains that fails, step by step; and failures that no cause explains. */
export function wronglyNamed(topology: Topology, systems: readonly Failing[]): string[] {
  const hub = topology.broker.name;
  return systems.flatMap((failing) => {
    const all = seenOf(topology, failing);
    const failed = all.filter(({ verdict }) => verdict.state === 'fail');
    const { causes } = diagnose(all, hub);
    const named = causes.filter(({ check }) => failed.some((other) => explains(all, hub, other, check)));
    const told = new Set(causes.flatMap(({ check, explains: keys }) => [keyOf(check), ...keys]));
    const untold = failed.map(keyOf).filter((key) => !told.has(key));
    return [
      ...named.map(({ check }) => `${keyOf(check)} is no cause`),
      ...untold.map((key) => `${key} is not explained`),
    ];
  });
}

/** Walks from the check downwards, by the table itself. */
function explains(all: readonly Examined[], hub: string, cause: Examined, check: Examined): boolean {
  const seen = new Set<string>();
  const reaches = (from: Examined): boolean => {
    if (seen.has(keyOf(from))) return false;
    seen.add(keyOf(from));
    if (from !== check && from.verdict.state === 'pass') return false;
    return all.some((other) => other !== from && isBelow(from, other, hub) && (other === cause || reaches(other)));
  };
  return cause !== check && reaches(check);
}

function isBelow(check: Examined, other: Examined, hub: string): boolean {
  if (check.needs.includes(keyOf(other))) return true;
  const name = other.part === undefined ? other.id : `part:${other.part}`;
  const places = [
    ...(other.cluster === check.cluster ? [''] : []),
    ...(other.cluster === hub ? ['hub/'] : ['leaves/']),
  ];
  const patterns = [...(CAUSES[check.id] ?? []), ...check.standsOn];
  return places.some((place) => patterns.includes(`${place}${name}`));
}
