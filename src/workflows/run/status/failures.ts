import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  isCancellation,
} from '@temporalio/workflow';
import { textOf } from '../../../contract/caught.js';
import type { StatusError } from '../../../contract/status.js';
import { cut } from '../../../contract/printable.js';

/** Characters; the whole message is in the history of the workflow that failed. */
const MAX_MESSAGE = 2_000;

/** The innermost failure that leafspan itself explained, or the outermost one when there is none. */
export function explained(error: unknown): ApplicationFailure | undefined {
  if (error instanceof ApplicationFailure) return error;
  if (error instanceof ActivityFailure || error instanceof ChildWorkflowFailure) return explained(error.cause);
  return undefined;
}

export function toStatusError(error: unknown): StatusError {
  const failure = explained(error);
  if (failure === undefined)
    return {
      code: 'UNEXPECTED',
      message: cut(error instanceof Error ? rootMessage(error) : String(error), MAX_MESSAGE),
    };
  const { docs, hint } = detailsOf(failure);
  return {
    code: failure.type ?? 'UNEXPECTED',
    message: cut(failure.message, MAX_MESSAGE),
    ...(docs === undefined ? {} : { docs }),
    ...(hint === undefined ? {} : { hint: cut(hint, MAX_MESSAGE) }),
  };
}

/** The reverse, where a workflow fails with what a child has reported. */
export const asFailure = ({ code, message, ...details }: StatusError): ApplicationFailure =>
  ApplicationFailure.nonRetryable(message, code, details);

const detailsOf = ({ details }: ApplicationFailure) => ({
  docs: textOf(details?.[0], 'docs'),
  hint: textOf(details?.[0], 'hint'),
});

/** Temporal's own failures say little; what happened is in their innermost cause. */
const rootMessage = (error: Error): string => (error.cause instanceof Error ? rootMessage(error.cause) : error.message);

/** The run itself was cancelled. Someone may also cancel one child of it, which is a failure of that child. */
export const isOwnCancellation = (error: unknown): boolean =>
  isCancellation(error) && CancellationScope.current().consideredCancelled;

/** Failures that a retry of the whole run cannot fix. */
export const isPermanent = (error: unknown): boolean => explained(error)?.nonRetryable === true;

/** One failure that says everything that the user must fix. */
export function together(failures: readonly unknown[]): ApplicationFailure {
  const known = failures.map(explained).filter((failure) => failure !== undefined);
  const details = known.map(detailsOf);
  const hints = [...new Set(details.flatMap(({ hint }) => hint ?? []))];
  return ApplicationFailure.nonRetryable(
    known.map(({ message }) => message).join('\n'),
    known[0]?.type ?? 'PREFLIGHT_FAILED',
    { docs: details[0]?.docs ?? 'preflight-failed', ...(hints.length === 0 ? {} : { hint: hints.join('\n') }) },
  );
}
