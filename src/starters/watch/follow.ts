import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { Context } from '../context.js';
import { Interrupted, say } from '../io.js';
import type { Temporal } from '../temporal/connect.js';
import { localWorker } from '../temporal/worker.js';
import { awaitEnd, type RunOutcome } from '../runs/await-end.js';
import { reasonOf } from '../runs/errors.js';
import { LiveRun } from './live-run.js';
import { RunObserver } from './observe.js';
import { keepServed } from './keep-served.js';

/** Each look asks the run and its children, which takes of the worker what the run needs. */
const LOOK_EVERY_MS = 700;
const FRAME_EVERY_MS = 90;
/** Silence for this long is shown: a worker that is being replaced needs a few seconds. */
const SILENT_AFTER_MS = 4_000;

/** Shows the run until it has stopped. @throws Interrupted on Ctrl-C: the run continues */
export async function follow<Result>(
  context: Context,
  temporal: Temporal,
  { handle, runId }: { handle: WorkflowHandle; runId: string },
  /** Said on Ctrl-C. */
  comeBack: string,
): Promise<RunOutcome<Result>> {
  const live = new LiveRun(context);
  const observer = new RunObserver(temporal.client, handle.workflowId);
  const stop = new AbortController();
  // Each long poll of the client leaves a listener until the run stops; Node warns of a leak from eleven on.
  setMaxListeners(Infinity, stop.signal);
  const unlisten = context.io.onInterrupt?.(() => stop.abort());
  const end: { outcome?: RunOutcome<Result> | undefined } = {};
  const ended = awaitEnd<Result>(temporal, handle.workflowId, runId, stop.signal).then((outcome) => {
    end.outcome = outcome;
  });
  const frames = setInterval(() => live.tick(), FRAME_EVERY_MS);
  let lastAnswer = Date.now();
  try {
    while (end.outcome === undefined && !stop.signal.aborted) {
      try {
        if (workerIsGone(context, temporal)) throw new Error('the worker has exited');
        live.show(await observer.look());
        lastAnswer = Date.now();
      } catch (error) {
        if (Date.now() - lastAnswer > SILENT_AFTER_MS) live.silence(reasonOf(error));
        await keepServed(context, temporal, (text) => live.note(text));
      }
      await Promise.race([ended, sleep(LOOK_EVERY_MS, undefined, { signal: stop.signal }).catch(() => undefined)]);
    }
    if (end.outcome === undefined) {
      live.settle();
      say(context.io, `\n${comeBack}`);
      throw new Interrupted();
    }
    // The last entries changed after the last look.
    live.show(await observer.look().catch(() => live.view));
    return end.outcome;
  } finally {
    clearInterval(frames);
    unlisten?.();
    stop.abort();
    live.settle();
  }
}

/** Asking a run without a worker takes until the deadline; the embedded server has no workers but the local one. */
const workerIsGone = ({ settings }: Context, temporal: Temporal): boolean =>
  temporal.kind === 'embedded' && localWorker(settings, temporal) === 'none';
