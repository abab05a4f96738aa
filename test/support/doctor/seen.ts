import type { Verdict } from '../../../src/contract/checks.js';
import { hubScope, leafScope } from '../../../src/contract/topology/scope.js';
import type { Topology } from '../../../src/contract/topology/topology.js';
import { keyOf, type Examined, type Key } from '../../../src/domain/diagnosis/examined.js';
import { checksOf, type Listed } from '../../../src/doctor/checks/list.js';
import { resultOf } from '../../../src/parts/run-checks.js';

/** Why a check fails, by its key; `silent`: it did not respond in time. */
export type Failing = Readonly<Record<Key, string>>;

interface Case extends Listed {
  cluster: string;
}

export const casesOf = (topology: Topology): Case[] =>
  [hubScope(topology), ...topology.leaves.map((leaf) => leafScope(hubScope(topology).settings, leaf))].flatMap(
    (scope) => checksOf(scope).map((listed) => ({ ...listed, cluster: scope.cluster.name })),
  );

/** What is seen of a system in which these checks fail: what needs one of them is not looked at. */
export function seenOf(topology: Topology, failing: Failing): Examined[] {
  const cases = new Map(casesOf(topology).map((each) => [keyOf(each.check), each]));
  const unknown = Object.keys(failing).filter((key) => !cases.has(key));
  if (unknown.length > 0) throw new RangeError(`no check ${unknown.join(', ')}`);
  const verdicts = new Map<Key, Verdict>();
  const verdictOf = (key: Key): Verdict => {
    const known = verdicts.get(key) ?? judged(key);
    verdicts.set(key, known);
    return known;
  };
  const judged = (key: Key): Verdict => {
    const needs = cases.get(key)?.check.needs ?? [];
    const unmet = needs.find((need) => cases.has(need) && verdictOf(need).state !== 'pass');
    if (unmet !== undefined) return { state: 'skip', because: `${unmet} does not hold` };
    const because = failing[key];
    if (because === undefined) return { state: 'pass' };
    return because === 'silent' ? { state: 'skip', because } : { state: 'fail', because };
  };
  return [...cases].map(([key, { check, cluster, standsOn, part }]) => ({
    ...resultOf(check, verdictOf(key), 0),
    ...{ cluster, standsOn, needs: check.needs ?? [] },
    ...(part === undefined ? {} : { part }),
    ...(failing[key] === 'silent' ? { silent: true } : {}),
  }));
}
