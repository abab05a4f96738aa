import type { CheckResult, Verdict } from '../contract/checks.js';
import { keyOf, type Check } from '../domain/checks/check.js';
import { checksOf } from '../domain/checks/list.js';
import type { CheckWorld } from '../domain/checks/world.js';
import { redact } from '../domain/secrets/redact.js';
import type { Topology } from '../contract/topology.js';
import { openCheckWorld } from './check-world.js';
import { guarded, type Work } from './activity.js';
import type { Clock, Ports } from '../parts/ports.js';

export const checkActivities = (ports: Ports) => ({
  /** Runs every check of the topology. A failed check is a result, not an error. */
  runChecks: guarded(async ({ topology }: { topology: Topology }, work) => {
    const { world, close } = openCheckWorld(ports, topology, work.signal);
    try {
      return { results: await runChecks(checksOf(topology), world, ports.clock, work) };
    } finally {
      await close();
    }
  }),
});

/** Side by side, each as soon as what it needs has passed; results keep the order of the list. */
export async function runChecks(
  checks: readonly Check[],
  world: CheckWorld,
  clock: Clock,
  work: Work,
): Promise<CheckResult[]> {
  const running = new Map<string, Promise<CheckResult>>();
  const open = new Set<string>();
  const start = (check: Check): Promise<CheckResult> => {
    const key = keyOf(check);
    const known = running.get(key);
    if (known !== undefined) return known;
    const started = (async () => {
      const needed = await Promise.all(
        (check.needs ?? []).flatMap((need) => checks.filter((candidate) => keyOf(candidate) === need)).map(start),
      );
      const unmet = needed.find((result) => result.verdict.state !== 'pass');
      if (unmet !== undefined)
        return resultOf(check, { state: 'skip', because: `"${unmet.title}" (${unmet.subject}) does not hold` }, 0);
      open.add(key);
      work.heartbeat(`checking ${[...open].join(', ')}`);
      const began = clock.now();
      const verdict = await settle(check, world, clock, work.signal);
      open.delete(key);
      return resultOf(check, verdict, clock.now() - began);
    })();
    running.set(key, started);
    return started;
  };
  return Promise.all(checks.map(start));
}

/** Asks until the verdict is a pass or the check's own time is up; the last verdict counts. */
async function settle(check: Check, world: CheckWorld, clock: Clock, signal: AbortSignal): Promise<Verdict> {
  const deadline = clock.now() + (check.retry?.forSeconds ?? 0) * 1_000;
  for (;;) {
    const verdict = await judge(check, world, signal);
    if (verdict.state !== 'fail' || clock.now() >= deadline) return verdict;
    await clock.sleep((check.retry?.everySeconds ?? 1) * 1_000, signal);
  }
}

async function judge(check: Check, world: CheckWorld, signal: AbortSignal): Promise<Verdict> {
  try {
    return withoutSecrets(check.judge(await check.probe(world)));
  } catch (error) {
    signal.throwIfAborted();
    return {
      state: 'fail',
      because: 'the probe did not get an answer',
      saw: redact(error instanceof Error ? error.message : String(error)),
    };
  }
}

/** Logs and answers of others end up in a verdict. */
const withoutSecrets = (verdict: Verdict): Verdict =>
  verdict.state === 'fail' && verdict.saw !== undefined ? { ...verdict, saw: redact(verdict.saw) } : verdict;

const resultOf = (check: Check, verdict: Verdict, elapsedMs: number): CheckResult => ({
  id: check.id,
  category: check.category,
  subject: check.subject,
  title: check.title,
  severity: check.severity,
  hint: check.id,
  verdict,
  elapsedMs,
});
