import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { Context } from '../context.js';
import { Interrupted, say } from '../io.js';
import type { Temporal } from '../temporal/connect.js';
import { localWorker } from '../temporal/worker.js';
import { isConnectionFault, reasonOf } from './faults.js';
import { LiveRun } from './live-run.js';
import { RunObserver } from './observe.js';
import { keepServed } from './keep-served.js';
import type { RunView } from './view.js';

const LOOK_EVERY_MS = 350;
const FRAME_EVERY_MS = 90;
/** Looks without an answer until it is said: a worker that is being replaced needs a few seconds. */
const SILENT_AFTER_MS = 4_000;

export interface Followed<Result> {
  /** The last view; absent when no worker ever answered. */
  view?: RunView;
  outcome: { ok: true; result: Result } | { ok: false; error: unknown };
}

/** Shows the run until it ends. @throws Interrupted on Ctrl-C: the run goes on */
export async function follow<Result>(
  context: Context,
  temporal: Temporal,
  { handle, runId }: { handle: WorkflowHandle; runId: string },
  /** Said on Ctrl-C. */
  comeBack: string,
): Promise<Followed<Result>> {
  const live = new LiveRun(context);
  const observer = new RunObserver(temporal.client, handle.workflowId, runId);
  const stop = new AbortController();
  // Each long poll of the client leaves a listener until the run ends; Node takes more than ten for a leak.
  setMaxListeners(0, stop.signal);
  const unlisten = context.io.onInterrupt?.(() => stop.abort());
  const end: { outcome: Followed<Result>['outcome'] | undefined } = { outcome: undefined };
  const ended = awaitEnd<Result>(temporal, handle.workflowId, runId, stop.signal).then((outcome) => {
    end.outcome = outcome;
  });
  const frames = setInterval(() => live.tick(), FRAME_EVERY_MS);
  let lastAnswer = Date.now();
  try {
    while (end.outcome === undefined && !stop.signal.aborted) {
      try {
        if (workerIsGone(context, temporal)) throw new Error('the worker has ended');
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
    // The last steps ended between the last look and the end.
    live.show(await observer.look().catch(() => live.view));
    return { outcome: end.outcome, ...(live.view === undefined ? {} : { view: live.view }) };
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

/** Long-polls for the end; a server that goes away is waited for. */
async function awaitEnd<Result>(
  { client }: Temporal,
  workflowId: string,
  runId: string,
  signal: AbortSignal,
): Promise<Followed<Result>['outcome'] | undefined> {
  const handle = client.workflow.getHandle(workflowId, runId);
  for (;;) {
    try {
      const result = (await client.withAbortSignal(signal, () => handle.result())) as Result;
      return { ok: true, result };
    } catch (error) {
      if (isAborted(signal)) return undefined;
      if (!isConnectionFault(error)) return { ok: false, error };
      await sleep(LOOK_EVERY_MS);
    }
  }
}

const isAborted = ({ aborted }: AbortSignal): boolean => aborted;
