import { ProvisionError } from '../contract/errors.js';
import type { Host } from '../contract/topology.js';
import type { Work } from './activity.js';
import type { Clock } from '../parts/ports.js';

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

/**
 * Asks until nothing is lacking; `lacking` answers what still is, for the heartbeat and the error.
 * @param look command with which a person goes on looking
 * @throws ProvisionError NOT_READY, retried
 */
export async function awaited(
  clock: Clock,
  host: Host,
  { signal, heartbeat }: Work,
  { timeoutMs, look }: { timeoutMs: number; look: string },
  lacking: () => Promise<string | undefined>,
): Promise<void> {
  await until(clock, { timeoutMs, everyMs: 200, signal }, async () => {
    const saw = await lacking();
    if (saw === undefined) return { ready: true };
    heartbeat(saw);
    return { ready: false, saw };
  }).catch((error: unknown) => {
    if (!(error instanceof DeadlineError)) throw error;
    const where = { host: host.name, cluster: host.cluster };
    throw new ProvisionError('NOT_READY', error.message, `look at: ${look}`, where);
  });
}
