import type { ErrorCode, FailureDetails, Where } from '../contract/errors.js';
import { ProvisionError } from '../contract/errors.js';
import type { Shown } from './render/error.js';

interface Causal {
  name?: string;
  message?: string;
  cause?: unknown;
  type?: string | null;
  activityId?: string;
  details?: unknown[] | null;
}

/** A failure that came over the wire: the innermost one that leafspan itself explained, or else the innermost of all. */
export function fromWorkflowFailure(error: unknown): Shown {
  let innermost: Causal = error as Causal;
  let step: string | undefined;
  for (let at: Causal | undefined = error as Causal; at !== undefined; at = at.cause as Causal | undefined) {
    innermost = at;
    if (at.name === 'ActivityFailure') step = at.activityId;
    if (at.name === 'ApplicationFailure' && at.type != null && at.type !== 'Error') return fromApplicationFailure(at);
  }
  return step === undefined
    ? ended(innermost)
    : { code: 'UNEXPECTED', message: `step "${step}": ${innermost.message ?? 'failed'}` };
}

function fromApplicationFailure({ type, message = '', details }: Causal): Shown {
  const found = (details?.[0] ?? {}) as Partial<FailureDetails>;
  const where: Where = {
    ...(found.cluster === undefined ? {} : { cluster: found.cluster }),
    ...(found.host === undefined ? {} : { host: found.host }),
  };
  return { code: type ?? 'UNEXPECTED', message, where, remedy: found.remedy, hint: found.hint, output: found.output };
}

const ENDINGS: Record<string, [message: string, remedy: string]> = {
  CancelledFailure: ['the run was cancelled', 'start it again: it goes on from what is there'],
  TerminatedFailure: ['the run was terminated from outside', 'start it again: it goes on from what is there'],
  TimeoutFailure: ['the run was out of time', 'start it again: it goes on from what is there'],
};

function ended({ name = '', message = 'the run failed' }: Causal): Shown {
  const [text, remedy] = ENDINGS[name] ?? [message, undefined];
  return { code: name === '' || !(name in ENDINGS) ? 'UNEXPECTED' : 'RUN_ENDED', message: text, remedy };
}

/** Bad use of the command line, found before anything was touched. */
export const usage = (message: string, remedy: string, code: ErrorCode = 'USAGE'): ProvisionError =>
  new ProvisionError(code, message, remedy);
