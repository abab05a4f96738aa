import { ProvisionError } from '../../../contract/errors.js';
import type { Decision } from '../../../contract/messages.js';
import type { PhaseName } from '../../../contract/phases.js';
import type { Context } from '../../context.js';
import { usage } from '../../failure.js';
import { commandLine } from '../../invocation.js';
import { confirm, mustBeAbleToAsk, say } from '../../io.js';
import { EXIT_FAILED } from '../../program/exit-codes.js';
import type { Temporal } from '../../temporal/connect.js';
import { withTemporal } from '../../temporal/session.js';
import { chooseName, type Choice } from '../../topologies/choose.js';
import { phaseNamed, send, waitingRun, type WaitingRun } from './decision.js';
import { planToApprove } from './output.js';

export interface ApproveOptions {
  phase: string;
  note?: string;
  yes?: boolean;
  /** Digest of the plan that the person has read, or how it begins. */
  plan?: string;
}

/** Shows what the run is about to do, asks, and names the plan that was shown in the decision. */
export async function approve(context: Context, choice: Choice, options: ApproveOptions): Promise<number> {
  const { io } = context;
  const phase = phaseNamed(options.phase);
  const name = await chooseName(context, choice);
  if (options.yes !== true) mustBeAbleToAsk(io, 'approve');
  return withTemporal(context, async (temporal) => {
    const waiting = await waitingRun(temporal, name, phase);
    const digest = await showPlan(context, temporal, waiting);
    if (options.plan !== undefined) mustBeThePlan(options.plan, digest, name);
    if (options.yes !== true && !(await confirm(io, `let ${phase} of ${name} start?`))) {
      say(io, 'nothing was approved');
      return EXIT_FAILED;
    }
    await send('approve', waiting, decisionOf(context, phase, options.note, digest));
    say(io, `approved: ${phase} of ${name}; watch it: ${commandLine(`status ${name} --watch`)}`);
    return 0;
  });
}

/** Fewer digits could be those of another plan. */
const MIN_DIGITS = 8;

/** What a person has read before, somewhere else, binds. @throws ProvisionError APPROVAL_REFUSED, USAGE */
function mustBeThePlan(read: string, digest: string | undefined, topology: string): void {
  if (read.length < MIN_DIGITS)
    throw usage(`"${read}" is too short for the digest of a plan`, `give at least its first ${MIN_DIGITS} digits`);
  if (digest?.startsWith(read.toLowerCase()) === true) return;
  throw new ProvisionError(
    'APPROVAL_REFUSED',
    `the plan of the run is ${digest?.slice(0, MIN_DIGITS) ?? 'not known'}, not ${read}`,
    `read it again, then approve that one: ${commandLine(`status ${topology}`)}`,
  );
}

/** Returns the digest of the plan that was shown; the run ignores a decision about any other. */
async function showPlan(
  { io, style }: Context,
  { client }: Temporal,
  { status }: WaitingRun,
): Promise<string | undefined> {
  if (status.planWorkflowId === undefined) return status.planDigest;
  const { digest, lines } = await planToApprove(client, status.planWorkflowId, style);
  for (const line of lines) say(io, line);
  return digest;
}

function decisionOf(
  { settings }: Context,
  phase: PhaseName,
  note: string | undefined,
  planDigest: string | undefined,
): Decision {
  const decision: Decision = { phase, by: settings.user };
  if (note !== undefined) decision.note = note;
  if (planDigest !== undefined) decision.planDigest = planDigest;
  return decision;
}
