/** Whether the server could not be asked, as opposed to what it answered. Told by shape: gRPC errors have a numeric code. */
export function isConnectionFault(error: unknown): boolean {
  for (
    let at = error as { name?: string; code?: unknown; cause?: unknown } | undefined;
    at;
    at = at.cause as typeof at
  ) {
    if (at.name === 'WorkflowFailedError') return false;
    if (typeof at.code === 'number') return TRANSIENT.includes(at.code);
  }
  return false;
}

/** CANCELLED, DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE. */
const TRANSIENT = [1, 4, 13, 14];

const NOT_FOUND = 5;

/** No run has this id. */
export function isNotFound(error: unknown): boolean {
  const { name, code } = error as { name?: string; code?: unknown };
  return name === 'WorkflowNotFoundError' || code === NOT_FOUND;
}

/** The client says only which call failed; why is in the cause, as gRPC says it. */
export function reasonOf(error: unknown): string {
  const { message = String(error), details, cause } = error as { message?: string; details?: string; cause?: unknown };
  return cause === undefined ? (details ?? message) : reasonOf(cause);
}
