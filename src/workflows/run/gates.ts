import * as wf from '@temporalio/workflow';
import { approveSignal, rejectSignal, type Decision } from '../../contract/messages.js';
import { PHASES, type PhaseName } from '../../contract/phases.js';
import { cut } from '../../contract/printable.js';
import { readDecision } from './decision.js';
import type { Run } from './run.js';

/** The latest ones, which a status shows. */
const MAX_REFUSALS = 20;
const UNNAMED = 'an operator';

export interface GateRules {
  hub: string;
  hubIsDone: () => boolean;
  /** No cluster is at work or will be. */
  isDone: () => boolean;
  opened: (phase: PhaseName) => void;
}

/** The gated phases of a run: each waits for a person, and an opened one stays open for the whole fleet. */
export class Gates {
  readonly #run: Run;
  readonly #gated: readonly PhaseName[];
  readonly #open: Set<PhaseName>;
  /** Clusters that have nothing left to do before a phase. */
  readonly #wanted = new Map<PhaseName, Set<string>>();
  #decision: (Decision & { approved: boolean }) | undefined;

  constructor(run: Run, gated: readonly PhaseName[], open: readonly PhaseName[] = []) {
    this.#run = run;
    this.#gated = PHASES.filter((phase) => gated.includes(phase));
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

  isOpen(phase: PhaseName): boolean {
    return !this.#gated.includes(phase) || this.#open.has(phase);
  }

  /** A cluster has nothing left to do before this phase. */
  want(phase: PhaseName, cluster: string): void {
    this.#wanted.set(phase, (this.#wanted.get(phase) ?? new Set()).add(cluster));
  }

  /**
   * Asks for the phases that clusters wait for, in the order of phases, until no cluster is left to wait.
   * @throws ApplicationFailure APPROVAL_REJECTED
   */
  async keep(rules: GateRules): Promise<void> {
    for (;;) {
      await wf.condition(() => rules.isDone() || this.#next(rules) !== undefined);
      const phase = this.#next(rules);
      if (phase === undefined || rules.isDone()) return;
      if (await this.#pass(phase, rules)) rules.opened(phase);
    }
  }

  /** The hub comes before its leaves: what they wait for counts once it waits too, or is done. */
  #next({ hub, hubIsDone }: GateRules): PhaseName | undefined {
    const wanted = this.#gated.filter((phase) => !this.#open.has(phase) && this.#wanted.has(phase));
    const hubWaits = wanted.some((phase) => this.#wanted.get(phase)?.has(hub));
    return hubWaits || hubIsDone() ? wanted[0] : undefined;
  }

  /** Waits for a person's decision about a phase. @returns false: nothing needs the phase any more */
  async #pass(name: PhaseName, { isDone }: GateRules): Promise<boolean> {
    const run = this.#run;
    const phase = run.phaseNamed(name);
    phase.state = 'waiting';
    phase.startedAt ??= Date.now();
    run.status.state = 'waiting';
    run.status.waitingFor = { phase: name, since: Date.now() };
    run.publish(name);
    try {
      await wf.condition(() => this.#decision !== undefined || isDone());
      const decision = this.#decision;
      if (decision === undefined) {
        phase.state = 'pending';
        return false;
      }
      const { approved, by = UNNAMED, note } = decision;
      if (!approved) throw rejected(name, by, note);
      phase.approved = { by, ...(note === undefined ? {} : { note }) };
      this.#open.add(name);
      return true;
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
      const { refusals } = this.#run.status;
      refusals.push({ phase: cut(phase, 100), by: cut(by, 100), because: cut(because ?? '', 300) });
      refusals.splice(0, refusals.length - MAX_REFUSALS);
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
