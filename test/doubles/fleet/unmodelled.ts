import { ApplicationFailure } from '@temporalio/activity';

/** What was asked of a double that it does not know; told at the end of the run. */
export const unmodelledRequests = new Set<string>();

/** A double answers only what it models: anything else ends the attempt for good, and the run shows it. */
export function unmodelled(what: string): never {
  unmodelledRequests.add(what);
  throw ApplicationFailure.nonRetryable(`the double does not model ${what}`, 'UNMODELLED');
}
