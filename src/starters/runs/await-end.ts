import { setTimeout as sleep } from 'node:timers/promises';
import type { Temporal } from '../temporal/connect.js';
import { isConnectionError } from './errors.js';

export type RunOutcome<Result> = { ok: true; result: Result } | { ok: false; error: unknown };

const ASK_AGAIN_MS = 350;

/** Long-polls until the run has stopped, also while the server is away; undefined: the signal has aborted. */
export async function awaitEnd<Result>(
  { client }: Temporal,
  workflowId: string,
  runId: string,
  signal: AbortSignal,
): Promise<RunOutcome<Result> | undefined> {
  const handle = client.workflow.getHandle(workflowId, runId);
  for (;;) {
    try {
      // What a workflow returns is typed by its name only: see contract/runs.ts.
      const result = (await client.withAbortSignal(signal, () => handle.result())) as Result;
      return { ok: true, result };
    } catch (error) {
      if (isAborted(signal)) return undefined;
      if (!isConnectionError(error)) return { ok: false, error };
      await sleep(ASK_AGAIN_MS);
    }
  }
}

const isAborted = ({ aborted }: AbortSignal): boolean => aborted;
