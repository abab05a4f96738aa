import type { Context } from '../context.js';
import type { Temporal } from '../temporal/connect.js';
import { ensureEmbedded, findEmbedded } from '../temporal/embedded.js';
import { ensureWorker, localWorker } from '../temporal/worker.js';

/**
 * While a run is watched, a worker or an embedded server that was killed is started again; the run resumes where it was.
 * Errors are noted, not thrown: the next look tries again.
 */
export async function keepServed(
  { settings }: Context,
  temporal: Temporal,
  note: (text: string) => void,
): Promise<void> {
  try {
    if (temporal.kind === 'embedded' && (await findEmbedded(settings)) === undefined) {
      await ensureEmbedded(settings, note);
      note('the Temporal server had exited; it was started again');
    }
    if (localWorker(settings, temporal) !== 'none') return;
    if (await ensureWorker(settings, temporal, note)) note('the worker had exited; it was started again');
  } catch (error) {
    note(error instanceof Error ? error.message : String(error));
  }
}
