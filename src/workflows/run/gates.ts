import * as wf from '@temporalio/workflow';
import { approveSignal, rejectSignal, type Decision } from '../../contract/messages.js';
import type { PhaseName } from '../../contract/phases.js';
import { readDecision } from './decision.js';
import type { Run } from './run.js';

const UNNAMED = 'an operator';

/** The gated phases of a run: each waits for a person, and an opened one stays open for the whole fleet. */
export class Gates {
  readonly #run: Run;
  readonly #open: Set<PhaseName>;
  #decision: (Decision & { approved: boolean }) | undefined;

  constructor(run: Run, open: readonly PhaseName[] = []) {
    this.#run = run;
    this.#open = new Set(open);
    wf.setHandler(approveSignal, (decision) => this.#decide(decision, true), {
      description: 'let a waiting phase start: {"phase": "..."}',
    });
    wf.setHandler(rejectSignal, (decision) => this.#decide(decision, false), {
      description: 'stop the run at a waiting phase: {"phase": "...", "note": "why"}',
    });
  }

  get open(): PhaseName[] {
    return [...this.#open];
  }

  /** Waits for a person's decision about a phase. @throws ApplicationFailure APPROVAL_REJECTED */
  async pass(name: PhaseName): Promise<void> {
    const run = this.#run;
    const phase = run.phaseNamed(name);
    phase.state = 'waiting';
    phase.startedAt ??= Date.now();
    run.status.state = 'waiting';
    run.status.waitingFor = { phase: name, since: Date.now() };
    run.publish(name);
    try {
      await wf.condition(() => this.#decision !== undefined);
      const { approved = false, by = UNNAMED, note }: Partial<Decision & { approved: boolean }> = this.#decision ?? {};
      if (!approved) throw rejected(name, by, note);
      phase.approved = { by, ...(note === undefined ? {} : { note }) };
      this.#open.add(name);
    } finally {
      this.#decision = undefined;
      delete run.status.waitingFor;
      run.status.state = run.paused ? 'paused' : 'running';
    }
  }

  #decide(sent: unknown, approved: boolean): void {
    const decision = readDecision(sent);
    const because = decision === undefined ? 'it names no phase: {"phase": "..."}' : this.#whyIgnored(decision);
    if (decision !== undefined && because === undefined) this.#decision = { ...decision, approved };
    else {
      const { phase = '', by = UNNAMED }: Partial<Decision> = decision ?? {};
      this.#run.status.refusals.push({ phase, by, because: because ?? '' });
    }
    this.#run.publish();
  }

  #whyIgnored({ phase, planDigest }: Decision): string | undefined {
    const { waitingFor, planDigest: current } = this.#run.status;
    if (waitingFor === undefined) return 'no phase is waiting for an approval';
    if (phase !== waitingFor.phase) return `phase "${phase}" is not waiting; "${waitingFor.phase}" is`;
    if (this.#decision !== undefined) return `phase "${phase}" is already decided`;
    if (planDigest !== undefined && planDigest !== current)
      return `the plan ${planDigest.slice(0, 8)} is not the current plan ${current?.slice(0, 8) ?? '(none)'}`;
    return undefined;
  }
}

const rejected = (phase: PhaseName, by: string, note = 'no reason given'): wf.ApplicationFailure =>
  wf.ApplicationFailure.nonRetryable(`phase "${phase}" was rejected by ${by}: ${note}`, 'APPROVAL_REJECTED', {
    docs: 'approval-rejected',
  });
