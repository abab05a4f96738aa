import { setTimeout as sleep } from 'node:timers/promises';
import { ProvisionError } from '../../../contract/errors.js';
import type { Decision } from '../../../contract/messages.js';
import { PHASES, type PhaseName } from '../../../contract/phases.js';
import type { RunStatus } from '../../../contract/status.js';
import { usage } from '../../failure.js';
import { commandLine } from '../../invocation.js';
import type { FoundRun } from '../../runs/latest.js';
import { openProvision } from '../../runs/open-run.js';
import type { Temporal } from '../../temporal/connect.js';
import { closest } from '../../../domain/topology/closest.js';

const CONFIRM_TIMEOUT_MS = 10_000;
const LOOK_EVERY_MS = 100;

/** @throws ProvisionError USAGE */
export function phaseNamed(typed: string): PhaseName {
  const phase = PHASES.find((known) => known === typed);
  if (phase !== undefined) return phase;
  const near = closest(typed, PHASES);
  const hint = near === undefined ? `phases are: ${PHASES.join(', ')}` : `did you mean "${near}"?`;
  throw usage(`there is no phase "${typed}"`, hint);
}

/** A run at the moment at which it waits for a decision. */
export interface WaitingRun {
  run: FoundRun;
  status: RunStatus;
}

/** The run of the topology, which waits at the phase. @throws ProvisionError APPROVAL_REFUSED, NO_RUN_IN_PROGRESS */
export async function waitingRun(temporal: Temporal, topology: string, phase: PhaseName): Promise<WaitingRun> {
  const run = await openProvision(temporal, topology);
  const status = await statusOf(run);
  const waiting = status.waitingFor?.phase;
  if (waiting !== phase) throw notWaiting(phase, waiting, topology);
  return { run, status };
}

/** Sends the decision and makes sure that the run took it. @throws ProvisionError APPROVAL_REFUSED */
export async function send(verb: 'approve' | 'reject', { run, status }: WaitingRun, decision: Decision): Promise<void> {
  await run.handle.signal<[Decision]>(verb, decision);
  const deadline = Date.now() + CONFIRM_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const now = await statusOf(run);
    const refusal = now.refusals[status.refusals.length];
    if (refusal !== undefined) throw refused(`ignored: ${refusal.because}`, seeStatus(now.topology));
    if (now.waitingFor?.since !== status.waitingFor?.since) return;
    await sleep(LOOK_EVERY_MS);
  }
  throw refused(`the run did not react within ${CONFIRM_TIMEOUT_MS / 1000} s`, seeStatus(status.topology));
}

const statusOf = ({ handle }: FoundRun): Promise<RunStatus> => handle.query<RunStatus>('status');

const notWaiting = (phase: string, waiting: string | undefined, topology: string): ProvisionError =>
  waiting === undefined
    ? refused(`no phase of topology "${topology}" is waiting for approval`, seeStatus(topology))
    : refused(
        `phase "${phase}" is not waiting; "${waiting}" is`,
        `approve that one: ${commandLine(`approve ${waiting} ${topology}`)}`,
      );

const seeStatus = (topology: string): string => `see what the run waits for: ${commandLine(`status ${topology}`)}`;

const refused = (message: string, hint: string): ProvisionError =>
  new ProvisionError('APPROVAL_REFUSED', message, hint);
