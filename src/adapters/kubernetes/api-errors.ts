import { isProvisionError, ProvisionError, type Where } from '../../contract/errors.js';

/** What the API answered instead of what was asked for. */
interface ApiAnswer {
  code: number;
  reason?: string;
  message?: string;
  /** Names of the fields that it did not like. */
  fields: string[];
}

interface StatusBody {
  reason?: string;
  message?: string;
  details?: { causes?: { field?: string }[] };
}

/** The HTTP status of a refused call; undefined: the call did not reach the API. */
export function statusOf(error: unknown): number | undefined {
  return typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    'body' in error &&
    typeof error.code === 'number'
    ? error.code
    : undefined;
}

const UNKNOWN_KIND = /^Unrecognized API version and kind/;
const UNKNOWN_VERSION = /^Failed to fetch resource metadata/;

/** The API lacks the version, or has it and not the kind; the client tells both in words of its own. */
export function isUnknownKind(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('message' in error)) return false;
  const message = String(error.message);
  return UNKNOWN_KIND.test(message) || (UNKNOWN_VERSION.test(message) && statusOf(error) === 404);
}

/**
 * `what` names the call, such as `apply Deployment/nats`. For Secrets only the reason and the names of fields are told:
 * the API quotes values that it refuses.
 */
export function apiError(error: unknown, what: string, where: Where, secret: boolean): ProvisionError {
  const cause = rootCause(error);
  if (isProvisionError(cause))
    return cause.code === 'COMMAND_FAILED' ? failed(`${what}: ${cause.message}`, where) : cause;
  const code = statusOf(error);
  if (isUnknownKind(error)) return failed(`${what}: the Kubernetes API does not know that kind`, where);
  if (code === undefined) return failed(`${what}: no answer from the Kubernetes API: ${textOf(cause)}`, where);
  const { reason, message, fields } = answerOf(code, (error as { body: unknown }).body);
  const named = fields.length === 0 ? '' : ` (${fields.join(', ')})`;
  const said = secret ? `${reason ?? 'refused'}${named}` : (message ?? reason ?? 'refused');
  const told = `${what}: the Kubernetes API answered ${code}: ${said}`;
  return code === INVALID ? new ProvisionError('KUBE_OBJECT_REFUSED', told, REPORT, where) : failed(told, where);
}

/** The object itself is at fault, so the same object is refused again. */
const INVALID = 422;
const REPORT = 'if you set a value of it in the topology, correct that; otherwise it is a fault of leafspan: report it';

const failed = (message: string, where: Where): ProvisionError =>
  new ProvisionError('KUBE_API_FAILED', message, undefined, where);

/** The client parses the body for the codes of its specification only; for the rest it is text. */
function answerOf(code: number, body: unknown): ApiAnswer {
  let status = body as StatusBody | string | undefined;
  if (typeof status === 'string') {
    try {
      status = JSON.parse(status) as StatusBody;
    } catch {
      return { code, message: (status as string).trim().slice(0, 300), fields: [] };
    }
  }
  const fields = (status?.details?.causes ?? []).map((cause) => cause.field).filter((field) => field !== undefined);
  return {
    code,
    fields,
    ...(status?.reason === undefined ? {} : { reason: status.reason }),
    ...(status?.message === undefined ? {} : { message: status.message }),
  };
}

/** fetch says "fetch failed" and keeps the why in its cause. */
function rootCause(error: unknown): unknown {
  let current = error;
  for (let depth = 0; depth < 5; depth++) {
    if (isProvisionError(current)) return current;
    const cause: unknown = (current as { cause?: unknown } | undefined)?.cause;
    if (cause === undefined || cause === null) return current;
    current = cause;
  }
  return current;
}

function textOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  return `${String(error.message)}${code}`;
}
