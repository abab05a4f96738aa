import { causeOf, fieldOf, messageOf, textOf } from '../../contract/caught.js';

/** Whether the server could not be asked, as opposed to what it responded. gRPC errors have a numeric code. */
export function isConnectionError(error: unknown): boolean {
  for (let at = error; at !== undefined; at = causeOf(at)) {
    if (textOf(at, 'name') === 'WorkflowFailedError') return false;
    const code = fieldOf(at, 'code');
    if (typeof code === 'number') return TRANSIENT.includes(code);
  }
  return false;
}

/** CANCELLED, DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE. */
const TRANSIENT = [1, 4, 13, 14];

const NOT_FOUND = 5;

/** No run has this id. */
export const isNotFound = (error: unknown): boolean =>
  textOf(error, 'name') === 'WorkflowNotFoundError' || fieldOf(error, 'code') === NOT_FOUND;

/** The server responded with an error of its own. gRPC errors have a numeric code. */
export function isRefusal(error: unknown): boolean {
  for (let at = error; at !== undefined; at = causeOf(at))
    if (textOf(at, 'details') !== undefined && typeof fieldOf(at, 'code') === 'number') return true;
  return false;
}

/** The client says only which call failed; why is in the cause, as gRPC says it. */
export function reasonOf(error: unknown): string {
  const cause = causeOf(error);
  return cause === undefined ? (textOf(error, 'details') ?? messageOf(error)) : reasonOf(cause);
}
