import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure } from '@temporalio/workflow';
import type { FailureDetails } from '../contract/errors.js';
import type { StatusError } from '../contract/status.js';

/** The innermost failure that leafspan itself explained, or the outermost one when there is none. */
export function explained(error: unknown): ApplicationFailure | undefined {
  if (error instanceof ApplicationFailure) return error;
  if (error instanceof ActivityFailure || error instanceof ChildWorkflowFailure) return explained(error.cause);
  return undefined;
}

export function toStatusError(error: unknown): StatusError {
  const failure = explained(error);
  if (failure === undefined)
    return { code: 'UNEXPECTED', message: error instanceof Error ? rootMessage(error) : String(error) };
  const details = failure.details?.[0] as Partial<FailureDetails> | undefined;
  return {
    code: failure.type ?? 'UNEXPECTED',
    message: failure.message,
    ...(details?.hint === undefined ? {} : { hint: details.hint }),
    ...(details?.remedy === undefined ? {} : { remedy: details.remedy }),
  };
}

/** Temporal's own failures say little; what happened is in their innermost cause. */
const rootMessage = (error: Error): string => (error.cause instanceof Error ? rootMessage(error.cause) : error.message);

/** Failures that a retry of the whole run cannot mend. */
export const isPermanent = (error: unknown): boolean => explained(error)?.nonRetryable === true;
