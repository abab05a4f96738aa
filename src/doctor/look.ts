import { messageOf } from '../contract/caught.js';
import type { CheckResult, Verdict } from '../contract/checks.js';
import { fail } from '../domain/checks/verdict.js';
import { keyOf, type Check, type CheckKey } from '../parts/check.js';
import { cleaned, fromOutside, permanenceOf, resultOf } from '../parts/run-checks.js';
import type { Site } from '../parts/site.js';

/** A check, and where it is looked at. */
export interface Case {
  check: Check;
  site: Site;
}

export interface Limits {
  /** Milliseconds for one check, and for all of some clusters. */
  checkMs: number;
  totalMs: number;
  /** How often a check that fails quickly is looked at. */
  looks: number;
}

export interface Looked extends CheckResult {
  /** There was no response in time, or an error, so nothing is known. */
  silent?: true;
}

/** Looks at each check as soon as what it needs holds, and waits for none longer than its limit. */
export class Examination {
  readonly #cases: ReadonlyMap<CheckKey, Case>;
  readonly #limits: Limits;
  readonly #looked = new Map<CheckKey, Promise<Looked>>();
  /** Milliseconds of the clock of the process. */
  #overAt = 0;

  constructor(cases: readonly Case[], limits: Limits) {
    this.#cases = new Map(cases.map((each) => [keyOf(each.check), each]));
    this.#limits = limits;
  }

  /** Looks at some of the cases, and at what they need. */
  results(cases: readonly Case[]): Promise<Looked[]> {
    this.#overAt = performance.now() + this.#limits.totalMs;
    return Promise.all(cases.map((each) => this.#look(each)));
  }

  #look(each: Case): Promise<Looked> {
    const key = keyOf(each.check);
    const known = this.#looked.get(key);
    if (known !== undefined) return known;
    const started = this.#lookOnce(each);
    this.#looked.set(key, started);
    return started;
  }

  async #lookOnce({ check, site }: Case): Promise<Looked> {
    const unmet = await this.#missingOf(check.needs);
    if (unmet !== undefined) return resultOf(check, { state: 'skip', because: doesNotHold(unmet) }, 0);
    const began = site.clock.now();
    const limitMs = this.#leftMs(began, site);
    const seen = await this.#seen({ check, site }, began);
    const looked: Looked = resultOf(check, verdictOf(check, seen, limitMs), site.clock.now() - began);
    if (looked.verdict.state === 'pass') {
      const beside = await this.#missingOf(check.onlyWith);
      if (beside !== undefined)
        return { ...looked, verdict: { state: 'skip', because: `${doesNotHold(beside)}, so it proves nothing` } };
    }
    return seen === 'no response' || 'silent' in seen ? { ...looked, silent: true } : looked;
  }

  /** What fails at once and may pass by itself is looked at again: a look's own connections show up in that of another one. */
  async #seen({ check, site }: Case, began: number): Promise<Seen | 'no response'> {
    const settles = check.retry !== undefined && !LIVENESS.has(check.id);
    for (let look = 1; ; look += 1) {
      const seen = await within(this.#leftMs(began, site), judged(check, site));
      const isOver = look === this.#limits.looks || site.clock.now() - began > look * (QUICK_MS + PAUSE_MS);
      if (!settles || isOver || seen === 'no response' || seen.verdict.state !== 'fail') return seen;
      await site.clock.sleep(PAUSE_MS, site.work.signal);
    }
  }

  /** Milliseconds that a check has left. */
  #leftMs(began: number, { clock }: Site): number {
    const own = this.#limits.checkMs - (clock.now() - began);
    return Math.max(0, Math.min(own, this.#overAt - performance.now()));
  }

  /** The first of those that the list has and that does not hold. */
  async #missingOf(keys: readonly CheckKey[] = []): Promise<Looked | undefined> {
    const needed = keys.flatMap((key) => this.#cases.get(key) ?? []);
    return (await Promise.all(needed.map((each) => this.#look(each)))).find(({ verdict }) => verdict.state !== 'pass');
  }
}

/** What fails in less time is looked at again, after a pause. */
const QUICK_MS = 1_000;
const PAUSE_MS = 700;

/** What is late continues, and is cut off when the connections are closed. */
async function within(limitMs: number, seen: Promise<Seen>): Promise<Seen | 'no response'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'no response'>((resolve) => {
    timer = setTimeout(() => resolve('no response'), limitMs);
  });
  try {
    return await Promise.race([seen, late]);
  } finally {
    clearTimeout(timer);
  }
}

const doesNotHold = ({ title, subject }: CheckResult): string => `"${title}" (${subject}) does not hold`;

/** Without a response of these, what they are about is down. */
const LIVENESS: ReadonlySet<string> = new Set(['host-responds', 'api-server-ready']);

interface Seen {
  verdict: Verdict;
  silent?: true;
}

function verdictOf({ id }: Check, seen: Seen | 'no response', limitMs: number): Verdict {
  if (seen !== 'no response') return seen.verdict;
  const because = `there was no response within ${Math.round(limitMs / 1_000)} s`;
  return LIVENESS.has(id) ? fail(because) : { state: 'skip', because };
}

/** An error that is ours to explain says what is wrong; of any other one only that there was no response. */
async function judged(check: Check, site: Site): Promise<Seen> {
  try {
    return { verdict: cleaned(check.judge(await check.probe(site))) };
  } catch (error) {
    const permanent = permanenceOf(error);
    const saw = fromOutside(messageOf(error));
    return permanent === undefined
      ? { verdict: fail('the look got no response', saw), silent: true }
      : { verdict: fail(saw, undefined, permanent) };
  }
}
