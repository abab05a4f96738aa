import type { CheckCategory, Verdict } from '../../contract/checks.js';
import type { CheckWorld } from './world.js';

/**
 * A claim about the running system. Probing only asks the world that it is given; judging is pure, so it is tested on
 * recorded facts. `id` and `subject` together are unique.
 */
export interface Check<Facts = unknown> {
  /** Stable, kebab case; in JSON, tests and docs. Also the heading in docs/troubleshooting.md. */
  id: string;
  category: CheckCategory;
  /** The cluster, or pair of clusters, that the claim is about. */
  subject: string;
  /** A claim, true when healthy. */
  title: string;
  /** A warning never fails the run. */
  severity: 'error' | 'warning';
  /** Keys (`id@subject`) of checks without which this one says nothing. */
  needs?: readonly string[];
  retry?: { forSeconds: number; everySeconds: number };
  probe(world: CheckWorld): Promise<Facts>;
  judge(facts: Facts): Verdict;
}

export const keyOf = (check: Pick<Check, 'id' | 'subject'>): string => `${check.id}@${check.subject}`;

/** Keeps a check's fact type between probe and judge while lists hold checks of any fact type. */
export const check = <Facts>(definition: Check<Facts>): Check => definition;

export const pass = (note?: string): Verdict => (note === undefined ? { state: 'pass' } : { state: 'pass', note });
export const fail = (because: string, saw?: string): Verdict =>
  saw === undefined ? { state: 'fail', because } : { state: 'fail', because, saw };
