import type { Context } from '../context.js';
import { say } from '../io.js';
import { stopEmbedded } from '../temporal/embedded.js';
import { stopWorker } from '../temporal/worker.js';

/** The worker first: it would only look for the server. */
export async function stop({ io, settings }: Context): Promise<number> {
  say(io, (await stopWorker(settings)) ? 'worker stopped' : 'no worker runs');
  say(
    io,
    (await stopEmbedded(settings)) ? 'Temporal server stopped; its history stays' : 'no embedded Temporal server runs',
  );
  return 0;
}
