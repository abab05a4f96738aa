import type { CheckResult, Verdict } from '../contract/checks.js';
import { ProvisionError } from '../contract/errors.js';
import { cut, printable } from '../contract/printable.js';
import { redact } from '../domain/secrets/redact.js';
import { keyOf, type Check, type CheckKey } from './check.js';
import type { Site } from './site.js';

/** Runs checks side by side, each as soon as what it needs has passed; results keep the order of the list. */
export function runChecks(site: Site, checks: readonly Check[]): Promise<CheckResult[]> {
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
    const verdict = await settle(site, check);
    open.delete(keyOf(check));
    return resultOf(check, verdict, site.clock.now() - began);
  };
  return Promise.all(checks.map(start));
}

/** Waits until the checks hold that confirm a part. @throws ProvisionError with the code of the first that does not */
export async function confirm(site: Site, checks: readonly Check[]): Promise<void> {
  await Promise.all(
    checks.map(async (check) => {
      if (check.confirms === undefined) return;
      const verdict = await settle(site, check);
      if (verdict.state !== 'fail') return;
      const saw = verdict.saw === undefined ? '' : ` (${verdict.saw})`;
      const { code, look } = check.confirms;
      const where = { host: site.host.name, cluster: site.cluster };
      throw new ProvisionError(code, `${verdict.because}${saw}`, `on the host: ${look}`, where);
    }),
  );
}

/** Asks until the verdict is a pass or the check's own time is up; the last verdict counts. */
async function settle(site: Site, check: Check): Promise<Verdict> {
  const { clock, work } = site;
  const deadline = clock.now() + (check.retry?.forSeconds ?? 0) * 1_000;
  for (;;) {
    const verdict = await judge(site, check);
    if (verdict.state !== 'fail' || clock.now() >= deadline) return verdict;
    work.heartbeat(`${check.id}: ${verdict.because}`);
    await clock.sleep((check.retry?.everySeconds ?? 1) * 1_000, work.signal);
  }
}

async function judge(site: Site, check: Check): Promise<Verdict> {
  try {
    return cleaned(check.judge(await check.probe(site)));
  } catch (error) {
    site.work.signal.throwIfAborted();
    return {
      state: 'fail',
      because: 'the probe got no response',
      saw: fromOutside(error instanceof Error ? error.message : String(error)),
    };
  }
}

/** Characters of what was seen: a fleet has thousands of verdicts. */
const MAX_SEEN = 500;

const fromOutside = (text: string): string => cut(printable(redact(text)), MAX_SEEN);

/** Logs and responses of others end up in a verdict. */
function cleaned(verdict: Verdict): Verdict {
  if (verdict.state === 'fail' && verdict.saw !== undefined) return { ...verdict, saw: fromOutside(verdict.saw) };
  return verdict.state === 'pass' && verdict.note !== undefined
    ? { ...verdict, note: fromOutside(verdict.note) }
    : verdict;
}

const resultOf = (check: Check, verdict: Verdict, elapsedMs: number): CheckResult => ({
  id: check.id,
  category: check.category,
  subject: check.subject,
  title: check.title,
  severity: check.severity,
  docs: check.id,
  verdict,
  elapsedMs,
});
