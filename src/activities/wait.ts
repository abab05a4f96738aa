import type { Clock } from './ports.js';

export type Observation = { ready: true } | { ready: false; saw: string };

/** The time was up; the message ends with what was seen last. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** Asks until the answer is yes. @throws DeadlineError with the last thing seen */
export async function until(
  clock: Clock,
  { timeoutMs, everyMs, signal }: { timeoutMs: number; everyMs: number; signal: AbortSignal },
  look: () => Promise<Observation>,
): Promise<void> {
  const deadline = clock.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen.ready) return;
    if (clock.now() >= deadline)
      throw new DeadlineError(`not ready within ${Math.round(timeoutMs / 1000)} s, last: ${seen.saw}`);
    await clock.sleep(everyMs, signal);
  }
}
