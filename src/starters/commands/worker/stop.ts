import type { Context } from '../../context.js';
import { say } from '../../io.js';
import { stopEmbedded } from '../../temporal/embedded.js';
import { stopWorker } from '../../temporal/worker.js';

/** The worker first: without the server it would only retry. */
export async function stop({ io, settings }: Context): Promise<number> {
  say(io, (await stopWorker(settings)) ? 'worker stopped' : 'no worker is running');
  say(
    io,
    (await stopEmbedded(settings))
      ? 'Temporal server stopped; its history stays'
      : 'no embedded Temporal server is running',
  );
  return 0;
}
