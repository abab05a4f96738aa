import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { ERROR_CODES, isProvisionError, type FailureDetails, type ProvisionError } from '../contract/errors.js';

/** What an activity body gets besides its input. */
export interface Work {
  signal: AbortSignal;
  /** Tells the server, and the Web UI, what is being done. */
  heartbeat(detail: string): void;
}

type Body<In, Out> = (input: In, work: Work) => Promise<Out>;

/** Interval of heartbeats, well under the 15 s heartbeat time-out in workflows/activity-options.ts. */
const HEARTBEAT_MS = 2_000;

/**
 * Turns a body into an activity: it heartbeats while the body runs, hands it the cancellation signal and turns a
 * ProvisionError into the one failure shape that workflows and the CLI know.
 */
export function guarded<In, Out>(body: Body<In, Out>): (input: In) => Promise<Out> {
  return async (input) => {
    const context = Context.current();
    let detail = 'started';
    const beat = (): void => context.heartbeat(detail);
    const timer = setInterval(beat, HEARTBEAT_MS);
    try {
      return await body(input, {
        signal: context.cancellationSignal,
        heartbeat: (text) => {
          detail = text;
          beat();
        },
      });
    } catch (error) {
      if (context.cancellationSignal.aborted) throw new CancelledFailure('cancelled while it ran');
      throw isProvisionError(error) ? toFailure(error) : error;
    } finally {
      clearInterval(timer);
    }
  };
}

export function toFailure(error: ProvisionError): ApplicationFailure {
  const { permanent, hint } = ERROR_CODES[error.code];
  const details: FailureDetails = {
    ...error.where,
    hint,
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    ...(error.output === undefined ? {} : { output: error.output }),
  };
  const place = error.where.host ?? error.where.cluster;
  return ApplicationFailure.create({
    type: error.code,
    message: place === undefined ? error.message : `${place}: ${error.message}`,
    nonRetryable: permanent,
    details: [details],
  });
}
