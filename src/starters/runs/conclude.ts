import type { Context } from '../context.js';
import { fromWorkflowFailure } from '../failure.js';
import { commandLine } from '../invocation.js';
import { printJson, say } from '../io.js';
import { exitOf, renderError } from '../terminal/error.js';
import type { RunOutcome } from './await-end.js';
import type { Started } from './start.js';

/** Prints the outcome of a run. Returns the exit code. */
export async function conclude<Result>(
  { io, style }: Context,
  outcome: RunOutcome<Result>,
  onResult: (result: Result) => number | Promise<number>,
  /** Said below a failure. */
  afterFailure?: string,
): Promise<number> {
  say(io, '');
  if (outcome.ok) return onResult(outcome.result);
  const shown = fromWorkflowFailure(outcome.error);
  say(io, renderError(shown, style));
  if (afterFailure !== undefined) say(io, style.dim(afterFailure));
  return exitOf(shown.code);
}

/** A failed run is not rolled back. */
export const stateStays = (topology: string): string =>
  `the hosts keep what they have, and the next run continues from there; the whole tree: ${commandLine(`status ${topology}`)}`;

/** After --detach: the ids on stdout, how to come back on stderr. */
export function detached({ io }: Context, topology: string, started: Started, { json }: { json?: boolean }): number {
  const { runId, attached, handle } = started;
  if (json === true) printJson(io, { workflowId: handle.workflowId, runId, attached });
  say(io, comeBack(topology));
  return 0;
}

export const comeBack = (topology: string): string =>
  `the run continues while a worker runs; reattach with: ${commandLine(`status ${topology} --watch`)}`;
