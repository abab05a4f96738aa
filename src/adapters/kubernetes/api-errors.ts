import { z } from 'zod';
import { causeOf, codeOf, fieldOf, messageOf } from '../../contract/caught.js';
import { isProvisionError, ProvisionError, type Where } from '../../contract/errors.js';
import { parseJson } from '../../local/json.js';

/** What the API responded instead of what was asked for. */
interface ApiResponse {
  reason?: string | undefined;
  message?: string | undefined;
  /** Names of the fields that it did not like. */
  fields: string[];
}

/** meta/v1 Status, as far as it is read. */
const STATUS = z.object({
  reason: z.string().optional(),
  message: z.string().optional(),
  details: z.object({ causes: z.array(z.object({ field: z.string().optional() })).optional() }).nullish(),
});

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

const UNAUTHORIZED = 401;
/** Of TLS: the server's certificate is not from the CA of the credentials. */
const OTHER_CA =
  /^(CERT_SIGNATURE_FAILURE|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|(DEPTH_ZERO_)?SELF_SIGNED_CERT(_IN_CHAIN)?)$/;

/** The credentials are those of another API server, so that the call did nothing: K3s was installed again on the host. */
export const isForOtherCredentials = (error: unknown): boolean =>
  statusOf(error) === UNAUTHORIZED || OTHER_CA.test(codeOf(rootCause(error)) ?? '');

const UNKNOWN_KIND = /^Unrecognized API version and kind/;
const UNKNOWN_VERSION = /^Failed to fetch resource metadata/;

/** The API does not have the version, or has it and not the kind; the client has words of its own for both. */
export function isUnknownKind(error: unknown): boolean {
  const message = messageOf(error);
  return UNKNOWN_KIND.test(message) || (UNKNOWN_VERSION.test(message) && statusOf(error) === 404);
}

/**
 * `what` names the call, such as `apply Deployment/nats`. For Secrets only the reason and the names of fields are passed on:
 * the API quotes values that it refuses.
 */
export function apiError(error: unknown, what: string, where: Where, secret: boolean): ProvisionError {
  const cause = rootCause(error);
  if (isProvisionError(cause))
    return cause.code === 'COMMAND_FAILED' ? failed(`${what}: ${cause.message}`, where) : cause;
  const code = statusOf(error);
  if (isUnknownKind(error)) return refused(`${what}: the Kubernetes API does not know that kind`, where);
  if (code === undefined) return failed(`${what}: no response from the Kubernetes API: ${withCode(cause)}`, where);
  const { reason, message, fields } = answerOf(fieldOf(error, 'body'));
  const named = fields.length === 0 ? '' : ` (${fields.join(', ')})`;
  const said = secret ? `${reason ?? 'refused'}${named}` : (message ?? reason ?? 'refused');
  const responded = `${what}: the Kubernetes API responded ${code}: ${said}`;
  if (code === INVALID || ALSO_INVALID.test(message ?? ''))
    return new ProvisionError('KUBE_OBJECT_REFUSED', responded, REPORT, where);
  return REFUSALS.includes(code) && !NOT_YET.test(message ?? '') ? refused(responded, where) : failed(responded, where);
}

/** The object itself is wrong, so the same object is refused again. */
const INVALID = 422;
/** The allocator of node ports refuses a Service with a 500 (pkg/registry/core/service/storage/alloc.go of Kubernetes). */
const ALSO_INVALID = /^duplicate nodePort: /;
const REPORT = 'if you set a value of it in the topology, correct that; otherwise it is a bug in leafspan: report it';

/** Bad request, forbidden. */
const REFUSALS = [400, 403];
/**
 * Refusals that pass: a namespace that is being deleted, admission plugins of a server that has just started, a namespace
 * too young to have its service account (all 403), the log of a container that has not started (400).
 */
const NOT_YET = /being terminated|not yet ready to handle request|looking up service account|waiting to start/;
const ALLOW = 'if a policy of the cluster refuses it, allow it there; otherwise it is a bug in leafspan: report it';

const refused = (message: string, where: Where): ProvisionError =>
  new ProvisionError('KUBE_API_REFUSED', message, ALLOW, where);

const failed = (message: string, where: Where): ProvisionError =>
  new ProvisionError('KUBE_API_FAILED', message, undefined, where);

/** The client parses the body for the codes of its specification only; for the rest it is text. */
function answerOf(body: unknown): ApiResponse {
  const { success, data } = STATUS.safeParse(typeof body === 'string' ? jsonIn(body) : body);
  if (!success) return { message: typeof body === 'string' ? body.trim().slice(0, 300) : undefined, fields: [] };
  const fields = (data.details?.causes ?? []).map(({ field }) => field).filter((field) => field !== undefined);
  return { reason: data.reason, message: data.message, fields };
}

function jsonIn(text: string): unknown {
  try {
    return parseJson(text, z.unknown());
  } catch {
    return undefined;
  }
}

/** fetch says "fetch failed" and keeps the why in its cause. */
function rootCause(error: unknown, depth = 5): unknown {
  const cause = causeOf(error);
  return isProvisionError(error) || cause === undefined || depth === 0 ? error : rootCause(cause, depth - 1);
}

function withCode(error: unknown): string {
  const code = codeOf(error);
  return code === undefined ? messageOf(error) : `${messageOf(error)} (${code})`;
}
