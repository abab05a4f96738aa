import type { CheckResult } from '../../../src/contract/checks.js';
import type { Scope } from '../../../src/contract/topology/scope.js';
import type { Check } from '../../../src/parts/check.js';
import { partsOf } from '../../../src/parts/list.js';
import { runChecks } from '../../../src/parts/run-checks.js';
import type { FakePorts } from '../fakes/ports.js';
import { siteOf } from './site.js';

/** The checks of a cluster's parts. */
export const checksIn = (scope: Scope): Check[] => partsOf(scope).flatMap((part) => part.checks?.(scope) ?? []);

export function checkIn(scope: Scope, id: string): Check {
  const found = checksIn(scope).find((check) => check.id === id);
  if (found === undefined) throw new Error(`no check ${id}`);
  return found;
}

/** What a check makes of recorded facts, in one line: `state: because or note | saw`. */
export function judged(scope: Scope, id: string, facts: unknown): string {
  const verdict = checkIn(scope, id).judge(facts);
  if (verdict.state === 'pass') return verdict.note === undefined ? 'pass' : `pass: ${verdict.note}`;
  const saw = verdict.state === 'fail' ? verdict.saw : undefined;
  return `${verdict.state}: ${[verdict.because, saw].filter((text) => text !== undefined).join(' | ')}`;
}

/** Runs checks of a cluster against the world, without those that they need. */
export const results = (ports: FakePorts, scope: Scope, ...ids: string[]): Promise<CheckResult[]> =>
  runChecks(
    siteOf(ports, scope),
    checksIn(scope).filter(({ id }) => ids.includes(id)),
  );
