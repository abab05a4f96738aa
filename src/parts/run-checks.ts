import type { CheckResult, Permanence, Verdict } from '../contract/checks.js';
import { ERROR_CODES, isProvisionError, ProvisionError } from '../contract/errors.js';
import { cut, printable } from '../contract/printable.js';
import { fail } from '../domain/checks/verdict.js';
import { redact } from '../domain/secrets/redact.js';
import { keyOf, type Check, type CheckKey } from './check.js';
import { Lasting } from './waiting/lasting.js';
import type { Site } from './site.js';

/** A system that only stands does not start: what does not hold for so long does not hold. */
const STANDING_SECONDS = 30;

/**
 * Runs checks side by side, each as soon as what it needs has passed; results keep the order of the list.
 * @param about standing: nothing was done to the system just now
 */
export function runChecks(
  site: Site,
  checks: readonly Check[],
  about: { standing?: boolean } = {},
): Promise<CheckResult[]> {
  const running = new Map<CheckKey, Promise<CheckResult>>();
  const open = new Set<CheckKey>();
  const start = (check: Check): Promise<CheckResult> => {
    const known = running.get(keyOf(check));
    if (known !== undefined) return known;
    const started = run(check);
    running.set(keyOf(check), started);
    return started;
  };
  const run = async (check: Check): Promise<CheckResult> => {
    const needed = checks.filter((candidate) => check.needs?.includes(keyOf(candidate)) === true);
    const unmet = (await Promise.all(needed.map(start))).find(({ verdict }) => verdict.state !== 'pass');
    if (unmet !== undefined)
      return resultOf(check, { state: 'skip', because: `"${unmet.title}" (${unmet.subject}) does not hold` }, 0);
    open.add(keyOf(check));
    site.work.heartbeat(`checking ${[...open].join(', ')}`);
    const began = site.clock.now();
    const verdict = await settle(site, check, secondsOf(check, about));
    open.delete(keyOf(check));
    const elapsedMs = site.clock.now() - began;
    const beside = checks.filter((candidate) => check.onlyWith?.includes(keyOf(candidate)) === true);
    const missing = (await Promise.all(beside.map(start))).find((result) => result.verdict.state !== 'pass');
    if (verdict.state !== 'pass' || missing === undefined) return resultOf(check, verdict, elapsedMs);
    const because = `"${missing.title}" (${missing.subject}) does not hold, so it proves nothing`;
    return resultOf(check, { state: 'skip', because }, elapsedMs);
  };
  return Promise.all(checks.map(start));
}

/** Waits until the checks hold that confirm a part. @throws ProvisionError with the code of the first that does not */
export async function confirm(site: Site, checks: readonly Check[]): Promise<void> {
  await Promise.all(
    checks.map(async (check) => {
      if (check.confirms === undefined) return;
      const verdict = await settle(site, check, secondsOf(check));
      if (verdict.state !== 'fail') return;
      const saw = verdict.saw === undefined ? '' : ` (${verdict.saw})`;
      const { confirms } = check;
      const { code, remedy } = verdict.permanent ?? { code: confirms.code, remedy: `on the host: ${confirms.look}` };
      const where = { host: site.host.name, cluster: site.cluster };
      throw new ProvisionError(code, `${verdict.because}${saw}`, remedy, where);
    }),
  );
}

function secondsOf({ retry }: Check, { standing = false }: { standing?: boolean } = {}): number {
  const { forSeconds = 0, atLeastSeconds = 0 } = retry ?? {};
  return standing ? Math.max(atLeastSeconds, Math.min(forSeconds, STANDING_SECONDS)) : forSeconds;
}

/** Asks until the verdict is a pass, a cause is permanent, or the time is up; the last verdict counts. */
async function settle(site: Site, check: Check, seconds: number): Promise<Verdict> {
  const { clock, work } = site;
  const deadline = clock.now() + seconds * 1_000;
  const lasting = new Lasting(clock);
  for (;;) {
    const seen = await judge(site, check);
    const permanent = seen.state === 'fail' ? lasting.after(seen.permanent) : undefined;
    const verdict = withPermanence(seen, permanent);
    if (verdict.state !== 'fail' || permanent !== undefined || clock.now() >= deadline) return verdict;
    work.heartbeat(`${check.id}: ${verdict.because}`);
    await clock.sleep((check.retry?.everySeconds ?? 1) * 1_000, work.signal);
  }
}

async function judge(site: Site, check: Check): Promise<Verdict> {
  try {
    return cleaned(check.judge(await check.probe(site)));
  } catch (error) {
    site.work.signal.throwIfAborted();
    const saw = fromOutside(error instanceof Error ? error.message : String(error));
    return fail('the probe got no response', saw, permanenceOf(error));
  }
}

export function permanenceOf(error: unknown): Permanence | undefined {
  if (!isProvisionError(error) || !ERROR_CODES[error.code].permanent) return undefined;
  return { code: error.code, remedy: error.hint ?? `see ${ERROR_CODES[error.code].docs}`, afterSeconds: 0 };
}

/** Whether or not a cause has lasted for long enough is part of the verdict. */
function withPermanence(verdict: Verdict, permanent: Permanence | undefined): Verdict {
  return verdict.state === 'fail' ? fail(verdict.because, verdict.saw, permanent) : verdict;
}

/** Characters of what was seen: a fleet has thousands of verdicts. */
const MAX_SEEN = 500;

export const fromOutside = (text: string): string => cut(printable(redact(text)), MAX_SEEN);

/** Logs and responses of others end up in a verdict. */
export function cleaned(verdict: Verdict): Verdict {
  if (verdict.state === 'fail' && verdict.saw !== undefined) return { ...verdict, saw: fromOutside(verdict.saw) };
  return verdict.state === 'pass' && verdict.note !== undefined
    ? { ...verdict, note: fromOutside(verdict.note) }
    : verdict;
}

export const resultOf = (check: Check, verdict: Verdict, elapsedMs: number): CheckResult => ({
  id: check.id,
  category: check.category,
  subject: check.subject,
  title: check.title,
  severity: check.severity,
  docs: check.id,
  verdict,
  elapsedMs,
});
