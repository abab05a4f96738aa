import type { Context } from '../context.js';
import { fromWorkflowFailure } from '../failure.js';
import { printJson, say } from '../io.js';
import { exitOf, renderError } from '../render/error.js';
import type { Followed } from './follow.js';
import type { Started } from './start.js';

/** Prints how a run ended. Answers the exit code. */
export function conclude<Result>(
  { io, style }: Context,
  topology: string,
  { outcome }: Followed<Result>,
  onResult: (result: Result) => number,
): number {
  say(io, '');
  if (outcome.ok) return onResult(outcome.result);
  const shown = fromWorkflowFailure(outcome.error);
  say(io, renderError(shown, style));
  say(io, style.dim(`what the hosts have got stays; the next run goes on from there. ${watchHint(topology)}`));
  return exitOf(shown.code);
}

const watchHint = (topology: string): string => `the whole tree: npm run start -- status ${topology}`;

/** After --detach: the ids on stdout, how to come back on stderr. */
export function detached({ io }: Context, topology: string, started: Started, { json }: { json?: boolean }): number {
  const { runId, attached, handle } = started;
  if (json === true) printJson(io, { workflowId: handle.workflowId, runId, attached });
  say(io, comeBack(topology));
  return 0;
}

export const comeBack = (topology: string): string =>
  `the run goes on as long as a worker is there; come back with: npm run start -- status ${topology} --watch`;
