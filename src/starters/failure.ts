import { causeOf, fieldOf, textOf } from '../contract/caught.js';
import type { ErrorCode, FailureDetails } from '../contract/errors.js';
import { ProvisionError } from '../contract/errors.js';
import type { Shown } from './terminal/error.js';

/** A failure that came over the wire: the innermost one that leafspan itself explained, or else the innermost of all. */
export function fromWorkflowFailure(error: unknown): Shown {
  let innermost = error;
  let activity: string | undefined;
  for (let at = error; at !== undefined; at = causeOf(at)) {
    innermost = at;
    const [name, type] = [textOf(at, 'name'), textOf(at, 'type')];
    if (name === 'ActivityFailure') activity = textOf(at, 'activityId');
    if (name === 'ApplicationFailure' && type !== undefined && type !== 'Error')
      return fromApplicationFailure(type, at);
  }
  return activity === undefined
    ? ended(innermost)
    : { code: 'UNEXPECTED', message: `step "${activity}": ${textOf(innermost, 'message') ?? 'no reason given'}` };
}

function fromApplicationFailure(code: string, failure: unknown): Shown {
  const details = fieldOf(failure, 'details');
  const { docs, hint, output, ...where } = readDetails(Array.isArray(details) ? details[0] : undefined);
  return { code, message: textOf(failure, 'message') ?? '', where, hint, docs, output };
}

const DETAILS = ['docs', 'hint', 'output', 'cluster', 'host'] as const satisfies (keyof FailureDetails)[];

/** What came over the wire may be of another version: only texts count. */
const readDetails = (details: unknown): Partial<FailureDetails> =>
  Object.fromEntries(
    DETAILS.flatMap((name) => {
      const value = textOf(details, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );

const RUN_AGAIN = 'run it again; it continues from the current state';
const ENDINGS = new Map([
  ['CancelledFailure', 'the run was cancelled'],
  ['TerminatedFailure', 'the run was terminated from outside'],
  ['TimeoutFailure', 'the run exceeded its time limit'],
]);

function ended(failure: unknown): Shown {
  const message = ENDINGS.get(textOf(failure, 'name') ?? '');
  return message === undefined
    ? { code: 'UNEXPECTED', message: textOf(failure, 'message') ?? 'the run stopped without a reason' }
    : { code: 'RUN_ENDED', message, hint: RUN_AGAIN };
}

export const fromProvisionError = ({ code, message, hint, where, output }: ProvisionError): Shown => ({
  code,
  message,
  where,
  hint,
  output,
});

/** Bad use of the command line, found before anything was touched. */
export const usage = (message: string, hint: string, code: ErrorCode = 'USAGE'): ProvisionError =>
  new ProvisionError(code, message, hint);
