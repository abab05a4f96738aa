import { types } from 'node:util';
import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import {
  ERROR_CODES,
  isProvisionError,
  type ErrorCode,
  type FailureDetails,
  type ProvisionError,
} from '../contract/errors.js';
import { fileRefusal } from '../contract/file-refusal.js';
import type { Step } from '../contract/plan.js';
import { cut, printable, printableIn } from '../contract/printable.js';
import { redact } from '../domain/secrets/redact.js';
import { mustBeValid } from './input.js';
import { brief, handoverFrom, together, type Handover } from './handover.js';
import { Pace } from './pace.js';

/** What an activity body gets in addition to its input. */
export interface Work {
  signal: AbortSignal;
  /** Reports to the server, and the Web UI, what is being done. */
  heartbeat: (detail: string) => void;
  /** Reports steps before they are taken. Returns them with those that earlier attempts have begun. */
  begin: (steps: readonly Step[]) => Step[];
}

type Body<In, Out> = (input: In, work: Work) => Promise<Out>;

/** Interval of heartbeats, well under the 15 s heartbeat time-out in workflows/run/activity-options.ts. */
const HEARTBEAT_MS = 2_000;
/** Of all attempts of this process. */
const pace = new Pace(() => performance.now());
/** Time of work, over all attempts, after which waiting does not help any more. */
const PATIENCE_MS = 45 * 60_000;
/** How often they are tried again is limited, not how long they take: they pass when a host or a network comes back. */
const OUTAGES: readonly ErrorCode[] = ['SSH_UNREACHABLE', 'SSH_CONNECTION_LOST', 'DOWNLOAD_FAILED'];

/** Characters of one text that leaves an activity. A host may say more than a payload holds. */
const MAX_CHARS = 16_000;

const fromOutside = (text: string): string => cut(printable(redact(text)), MAX_CHARS);

/**
 * Turns a body into an activity: it heartbeats while the body runs, hands it the cancellation signal and turns a
 * ProvisionError into the one failure shape that workflows and the CLI know. What leaves it has
 * passed the redactor, and a terminal shows it as it is.
 */
export function guarded<In, Out>(body: Body<In, Out>): (input: In) => Promise<Out> {
  return async (input) => {
    const context = Context.current();
    const before = handoverFrom(context.info.heartbeatDetails);
    // Monotonic: a clock that is set, or a machine that slept, is no time of work.
    const startedAt = performance.now();
    const now: Handover = { ...before, doing: 'started' };
    const beat = (): void => {
      now.workedMs = before.workedMs + Math.round(performance.now() - startedAt);
      context.heartbeat({ ...now });
    };
    const turn = pace.begin();
    const beatInTurn = (): void => {
      if (turn.isDue()) beat();
    };
    const timer = setInterval(beatInTurn, HEARTBEAT_MS);
    try {
      mustBeValid(input);
      const result = await body(input, {
        signal: context.cancellationSignal,
        heartbeat: (text) => {
          now.doing = fromOutside(text);
          beatInTurn();
        },
        begin: (steps) => {
          now.begun = brief(together(before.begun, steps));
          beat();
          return together(before.begun, steps);
        },
      });
      return printableIn(result);
    } catch (error) {
      if (context.cancellationSignal.aborted) throw new CancelledFailure('cancelled while it ran');
      beat();
      const failure = isProvisionError(error) ? error : fileRefusal(error);
      if (failure !== undefined) throw toFailure(failure, now.workedMs);
      throw isOurBug(error) ? bugFailure(error) : withoutSecrets(error);
    } finally {
      clearInterval(timer);
      turn.end();
    }
  };
}

/**
 * The language's own errors: retried, they come again. With a cause they are those of a library, such as "fetch failed",
 * and may pass.
 */
const isOurBug = (error: unknown): error is Error =>
  types.isNativeError(error) && BUGS.has(error.name) && error.cause === undefined;

const BUGS = new Set(['TypeError', 'RangeError', 'ReferenceError']);

function bugFailure({ message, stack }: Error): ApplicationFailure {
  const failure = ApplicationFailure.create({
    type: 'UNEXPECTED',
    message: fromOutside(message),
    nonRetryable: true,
  });
  if (stack !== undefined) failure.stack = fromOutside(stack);
  return failure;
}

/** Any other unexpected error stays what it is, with its stack: Temporal retries it. */
function withoutSecrets(error: unknown): unknown {
  if (!types.isNativeError(error)) return error;
  error.message = fromOutside(error.message);
  if (error.stack !== undefined) error.stack = fromOutside(error.stack);
  return error;
}

/** @param workedMs time that all attempts took; too much of it makes any failure the last one, but for outages */
export function toFailure(error: ProvisionError, workedMs = 0): ApplicationFailure {
  const { permanent, docs } = ERROR_CODES[error.code];
  const isTooLate = !permanent && workedMs >= PATIENCE_MS && !OUTAGES.includes(error.code);
  const details: FailureDetails = {
    ...error.where,
    docs,
    ...(error.hint === undefined ? {} : { hint: fromOutside(error.hint) }),
    ...(error.output === undefined ? {} : { output: fromOutside(error.output) }),
  };
  const place = error.where.host ?? error.where.cluster;
  const message =
    fromOutside(error.message) + (isTooLate ? ` (given up after ${PATIENCE_MS / 60_000} minutes of work)` : '');
  return ApplicationFailure.create({
    type: error.code,
    message: place === undefined ? message : `${place}: ${message}`,
    nonRetryable: permanent || isTooLate,
    details: [details],
  });
}
