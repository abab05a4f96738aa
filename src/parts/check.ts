import type { CheckCategory, Verdict } from '../contract/checks.js';
import type { ErrorCode } from '../contract/errors.js';
import type { Site } from './site.js';

/** `id@subject`, by which one check needs another. Parts export functions that make them, so an unknown one does not compile. */
export type CheckKey = `${string}@${string}`;

export interface Retry {
  /** After work on the system, which may have to start first. */
  forSeconds: number;
  everySeconds: number;
  /** What it waits for takes so long by nature, in a system that only stands too. */
  atLeastSeconds?: number;
}

/**
 * A statement about the running system that is true or false now. Probing only asks; judging is pure, so it is tested on
 * recorded facts. `id` and `subject` together are unique.
 */
export interface Check<Facts = unknown> {
  /** Stable, kebab case; in JSON, tests and docs. Also the heading in docs/troubleshooting.md. */
  id: string;
  category: CheckCategory;
  /** The cluster, or pair of clusters, that the statement is about. */
  subject: string;
  /** True when healthy. */
  title: string;
  /** A warning never fails the run. */
  severity: 'error' | 'warning';
  /** About all leaves at once: while a run works on them, it is left out. */
  ofFleet?: true;
  /** It takes seconds and stands on no later part, so a run starts it as soon as its own part is there. */
  soon?: true;
  /** Its probe makes something and takes it away again, so a look that must change nothing leaves it out. */
  makes?: true;
  /** Checks without which this one proves nothing. Those that are not in the list do not count. */
  needs?: readonly CheckKey[];
  /** Checks that run side by side with it, and without which a pass proves nothing: silence may have other reasons. */
  onlyWith?: readonly CheckKey[];
  retry?: Retry;
  /** The part waits for this check when it has acted. `code`: the error when it does not hold in time; `look`: a command for people. */
  confirms?: { code: ErrorCode; look: string };
  probe(site: Site): Promise<Facts>;
  judge(facts: Facts): Verdict;
}

export const keyOf = ({ id, subject }: Pick<Check, 'id' | 'subject'>): CheckKey => `${id}@${subject}`;

/** Keeps a check's fact type between probe and judge while lists hold checks of any fact type. */
export const check = <Facts>(definition: Check<Facts>): Check => definition;
