import { causeOf, fieldOf, textOf } from '../contract/caught.js';
import type { ErrorCode, FailureDetails, Where } from '../contract/errors.js';
import { ProvisionError } from '../contract/errors.js';
import type { Shown } from './render/error.js';

/** A failure that came over the wire: the innermost one that leafspan itself explained, or else the innermost of all. */
export function fromWorkflowFailure(error: unknown): Shown {
  let innermost = error;
  let step: string | undefined;
  for (let at = error; at !== undefined; at = causeOf(at)) {
    innermost = at;
    const [name, type] = [textOf(at, 'name'), textOf(at, 'type')];
    if (name === 'ActivityFailure') step = textOf(at, 'activityId');
    if (name === 'ApplicationFailure' && type !== undefined && type !== 'Error') return explained(at, type);
  }
  return step === undefined
    ? ended(innermost)
    : { code: 'UNEXPECTED', message: `step "${step}": ${textOf(innermost, 'message') ?? 'failed'}` };
}

function explained(failure: unknown, code: string): Shown {
  const details = fieldOf(failure, 'details');
  const first: unknown = Array.isArray(details) ? details[0] : undefined;
  const said = (name: keyof FailureDetails): string | undefined => textOf(first, name);
  const [cluster, host] = [said('cluster'), said('host')];
  const where: Where = { ...(cluster === undefined ? {} : { cluster }), ...(host === undefined ? {} : { host }) };
  const message = textOf(failure, 'message') ?? '';
  return { code, message, where, remedy: said('remedy'), hint: said('hint'), output: said('output') };
}

const ENDINGS: Record<string, [message: string, remedy: string]> = {
  CancelledFailure: ['the run was cancelled', 'start it again: it goes on from what is there'],
  TerminatedFailure: ['the run was terminated from outside', 'start it again: it goes on from what is there'],
  TimeoutFailure: ['the run was out of time', 'start it again: it goes on from what is there'],
};

function ended(failure: unknown): Shown {
  const [message, remedy] = ENDINGS[textOf(failure, 'name') ?? ''] ?? [];
  if (message !== undefined) return { code: 'RUN_ENDED', message, remedy };
  return { code: 'UNEXPECTED', message: textOf(failure, 'message') ?? 'the run failed' };
}

/** Bad use of the command line, found before anything was touched. */
export const usage = (message: string, remedy: string, code: ErrorCode = 'USAGE'): ProvisionError =>
  new ProvisionError(code, message, remedy);
