import type { Permanence } from '../../contract/checks.js';
import { ProvisionError } from '../../contract/errors.js';
import { Lasting } from './lasting.js';
import type { Site } from '../site.js';
import type { Clock } from '../ports.js';

export type Observation = { ready: true } | { ready: false; saw: string };

/** The time was up; the message closes with what was seen last. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** Polls until the observation is ready. @throws DeadlineError with the last thing seen */
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

/** How often a wait looks again, in milliseconds. */
const EVERY_MS = 200;

/** What is still missing, and why waiting may not help. */
export interface Missing {
  saw: string;
  permanent?: Permanence | undefined;
}

/**
 * Polls until `missing()` returns undefined; what it returns goes into the heartbeat and the error.
 * @param look command with which a person continues to look
 * @throws ProvisionError NOT_READY, retried; or that of a permanent cause
 */
export async function awaited(
  { clock, host, work: { signal, heartbeat } }: Site,
  { timeoutMs, look }: { timeoutMs: number; look: string },
  missing: () => Promise<string | Missing | undefined>,
): Promise<void> {
  const where = { host: host.name, cluster: host.cluster };
  const lasting = new Lasting(clock);
  try {
    await until(clock, { timeoutMs, everyMs: EVERY_MS, signal }, async () => {
      const seen = await missing();
      if (seen === undefined) return { ready: true };
      const { saw, permanent }: Missing = typeof seen === 'string' ? { saw: seen } : seen;
      const cause = lasting.after(permanent);
      if (cause !== undefined) throw new ProvisionError(cause.code, saw, cause.remedy, where);
      heartbeat(saw);
      return { ready: false, saw };
    });
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
    throw new ProvisionError('NOT_READY', error.message, `on the host: ${look}`, where);
  }
}
