import { setTimeout as sleep } from 'node:timers/promises';
import { ProvisionError } from '../../contract/errors.js';
import type { Decision } from '../../contract/messages.js';
import { provisionWorkflowId } from '../../contract/names.js';
import { PHASES } from '../../contract/phases.js';
import type { RunStatus } from '../../contract/status.js';
import type { Context } from '../context.js';
import { usage } from '../failure.js';
import { say } from '../io.js';
import { findRun, type FoundRun } from '../runs/latest.js';
import { withTemporal } from '../temporal/session.js';
import { chooseName, type Choice } from '../topologies/choose.js';

export interface DecideOptions {
  verb: 'approve' | 'reject';
  phase: string;
  note?: string;
}

const CONFIRM_TIMEOUT_MS = 10_000;
const LOOK_EVERY_MS = 100;

/** Sends a decision about a phase that waits, and makes sure that the run took it. */
export async function decide(context: Context, choice: Choice, options: DecideOptions): Promise<number> {
  const { verb, phase, note } = options;
  if (!PHASES.some((known) => known === phase))
    throw usage(`there is no phase "${phase}"`, `phases are: ${PHASES.join(', ')}`);
  const name = await chooseName(context, choice);
  return withTemporal(context, async (temporal) => {
    const run = await findRun(temporal, provisionWorkflowId(name));
    if (run?.open !== true)
      throw refused(`no run of topology "${name}" is in progress`, 'see it with: npm run start -- status');
    const before = await statusOf(run);
    const waiting = before.waitingFor?.phase;
    if (waiting !== phase) throw notWaiting(phase, waiting, name);
    const decision: Decision = {
      phase,
      by: context.settings.user,
      ...(note === undefined ? {} : { note }),
      ...(before.planDigest === undefined ? {} : { planDigest: before.planDigest }),
    };
    await run.handle.signal<[Decision]>(verb, decision);
    await confirmTaken(run, before);
    say(context.io, `${verb === 'approve' ? 'approved' : 'rejected'}: ${phase} of ${name}`);
    if (verb === 'approve') say(context.io, `watch it: npm run start -- status ${name} --watch`);
    return 0;
  });
}

const statusOf = ({ handle }: FoundRun): Promise<RunStatus> => handle.query<RunStatus>('status');

/** The run either stops waiting or lists why it did not take the decision. */
async function confirmTaken(run: FoundRun, before: RunStatus): Promise<void> {
  const deadline = Date.now() + CONFIRM_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const now = await statusOf(run);
    const refusal = now.refusals[before.refusals.length];
    if (refusal !== undefined) throw refused(refusal.because, 'see what waits with: npm run start -- status');
    if (now.waitingFor?.since !== before.waitingFor?.since) return;
    await sleep(LOOK_EVERY_MS);
  }
  throw refused('the run did not take the decision in time', 'see it with: npm run start -- status');
}

const notWaiting = (phase: string, waiting: string | undefined, topology: string): ProvisionError =>
  refused(
    waiting === undefined
      ? `no phase of topology "${topology}" waits for an approval`
      : `phase "${phase}" does not wait; "${waiting}" does`,
    waiting === undefined
      ? `see the run with: npm run start -- status ${topology}`
      : `npm run start -- approve ${waiting} ${topology}`,
  );

const refused = (message: string, remedy: string): ProvisionError =>
  new ProvisionError('APPROVAL_REFUSED', message, remedy);
