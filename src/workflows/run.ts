import * as wf from '@temporalio/workflow';
import type { CheckResult } from '../contract/checks.js';
import {
  approveSignal,
  pauseSignal,
  rejectSignal,
  resumeSignal,
  statusQuery,
  type Decision,
} from '../contract/messages.js';
import { searchAttributeKey, SEARCH_ATTRIBUTES } from '../contract/names.js';
import type { PhaseName, TeardownPhaseName } from '../contract/phases.js';
import type { PhaseStatus, RunState, RunStatus, StepStatus } from '../contract/status.js';
import { readDecision } from './decision.js';
import { renderDetails } from './details.js';
import { explained, toStatusError } from './failures.js';

type AnyPhase = PhaseName | TeardownPhaseName;

/** Set by whoever starts a workflow: the client for a run, the run for its children. */
export const TOPOLOGY_KEY = searchAttributeKey(SEARCH_ATTRIBUTES.topology);
const PHASE_KEY = searchAttributeKey(SEARCH_ATTRIBUTES.phase);
const STATE_KEY = searchAttributeKey(SEARCH_ATTRIBUTES.state);

/** Options of one activity call that tie it to its step: the id finds its pending attempt, the summary is read in the Web UI. */
export interface StepCall {
  activityId: string;
  summary: string;
}

export interface StepPlace {
  id: string;
  title: string;
  cluster?: string;
  host?: string;
}

/** What every ensure and remove activity answers: its changes, for people. */
export interface Changed {
  changed: string[];
}

/** Keeps the status tree of one workflow, answers `status`, takes the signals. */
export class Run {
  readonly #status: RunStatus;
  #decision: (Decision & { approved: boolean }) | undefined;
  #paused = false;
  #published: { state?: RunState; phase?: AnyPhase | undefined } = {};

  constructor(topology: string, phases: readonly AnyPhase[], cluster?: string) {
    this.#status = {
      topology,
      ...(cluster === undefined ? {} : { cluster }),
      state: 'running',
      phases: phases.map((name) => ({ name, state: 'pending', steps: [] })),
      children: [],
      checks: [],
      refusals: [],
      failedLeaves: [],
    };
    wf.setHandler(statusQuery, () => this.#status, { description: 'phases, clusters and steps with their states' });
    wf.setHandler(approveSignal, (decision) => this.#decide(decision, true), {
      description: 'let a waiting phase start: {"phase": "..."}',
    });
    wf.setHandler(rejectSignal, (decision) => this.#decide(decision, false), {
      description: 'end the run at a waiting phase: {"phase": "...", "note": "why"}',
    });
    wf.setHandler(pauseSignal, () => this.#pause(true), { description: 'start no further step' });
    wf.setHandler(resumeSignal, () => this.#pause(false), { description: 'go on after a pause' });
  }

  set planDigest(digest: string) {
    this.#status.planDigest = digest;
  }

  set checks(results: readonly CheckResult[]) {
    this.#status.checks = results;
  }

  get failedLeaves(): RunStatus['failedLeaves'] {
    return this.#status.failedLeaves;
  }

  dropLeaf(cluster: string, error: unknown): void {
    this.#status.failedLeaves.push({ cluster, error: toStatusError(error) });
  }

  addChild(workflowId: string): void {
    this.#status.children.push(workflowId);
  }

  /** A pause that came while the child was being started has not reached it. */
  async passOnPause(child: wf.ChildWorkflowHandle<wf.Workflow>): Promise<void> {
    if (this.#paused) await child.signal(pauseSignal);
  }

  /** Ends the run in the given state; the tree keeps answering queries. */
  finish(state: RunState): void {
    this.#status.state = state;
    for (const phase of this.#status.phases) if (phase.state === 'pending') phase.state = 'skipped';
    this.#publish();
  }

  finishWith(error: unknown): void {
    this.finish(explained(error)?.type === 'APPROVAL_REJECTED' ? 'rejected' : 'failed');
  }

  async phase<T>(name: AnyPhase, body: () => Promise<T>): Promise<T> {
    const phase = this.#phase(name);
    phase.startedAt ??= Date.now();
    phase.state = 'running';
    this.#publish(name);
    try {
      const result = await body();
      phase.state = 'done';
      return result;
    } catch (error) {
      phase.state = 'failed';
      throw error;
    } finally {
      phase.endedAt = Date.now();
      this.#publish();
    }
  }

  /** Waits for a person's decision about a phase. @throws ApplicationFailure APPROVAL_REJECTED */
  async gate(name: PhaseName): Promise<void> {
    const phase = this.#phase(name);
    phase.state = 'waiting';
    phase.startedAt = Date.now();
    this.#status.state = 'waiting';
    this.#status.waitingFor = { phase: name, since: Date.now() };
    this.#publish(name);
    try {
      await wf.condition(() => this.#decision !== undefined);
      const {
        approved = false,
        by = 'somebody',
        note,
      }: Partial<Decision & { approved: boolean }> = this.#decision ?? {};
      if (approved) {
        phase.approved = { by, ...(note === undefined ? {} : { note }) };
        return;
      }
      throw wf.ApplicationFailure.nonRetryable(
        `phase "${name}" was rejected by ${by}: ${note ?? 'no reason given'}`,
        'APPROVAL_REJECTED',
        { hint: 'approval-rejected' },
      );
    } catch (error) {
      phase.state = 'failed';
      phase.endedAt = Date.now();
      throw error;
    } finally {
      this.#decision = undefined;
      delete this.#status.waitingFor;
      this.#status.state = this.#paused ? 'paused' : 'running';
    }
  }

  /** One step of a phase: one activity, or one child workflow. */
  async step<T>(phaseName: AnyPhase, place: StepPlace, invoke: (call: StepCall) => Promise<T>): Promise<T> {
    await wf.condition(() => !this.#paused);
    const step: StepStatus = { ...place, state: 'running', startedAt: Date.now() };
    this.#phase(phaseName).steps.push(step);
    this.#publish();
    try {
      const where = place.host ?? place.cluster;
      const result = await invoke({
        activityId: place.id,
        summary: where === undefined ? place.title : `${place.title} on ${where}`,
      });
      step.state = 'done';
      const changed = changesIn(result);
      if (changed !== undefined) step.changed = changed;
      return result;
    } catch (error) {
      step.state = 'failed';
      step.error = toStatusError(error);
      throw error;
    } finally {
      step.endedAt = Date.now();
      this.#publish();
    }
  }

  #phase(name: AnyPhase): PhaseStatus {
    const found = this.#status.phases.find((phase) => phase.name === name);
    if (found === undefined) throw wf.ApplicationFailure.nonRetryable(`this workflow has no phase "${name}"`, 'USAGE');
    return found;
  }

  #decide(sent: unknown, approved: boolean): void {
    const decision = readDecision(sent);
    const because = decision === undefined ? 'it names no phase: {"phase": "..."}' : this.#whyRefused(decision);
    if (decision !== undefined && because === undefined) this.#decision = { ...decision, approved };
    else {
      const { phase = '', by = 'somebody' }: Partial<Decision> = decision ?? {};
      this.#status.refusals.push({ phase, by, because: because ?? '' });
    }
    this.#publish();
  }

  #whyRefused({ phase, planDigest }: Decision): string | undefined {
    const waiting = this.#status.waitingFor?.phase;
    if (waiting === undefined) return `no phase waits for an approval`;
    if (phase !== waiting) return `phase "${phase}" does not wait; "${waiting}" does`;
    if (this.#decision !== undefined) return `phase "${phase}" is decided already`;
    if (planDigest !== undefined && planDigest !== this.#status.planDigest)
      return `the plan ${planDigest.slice(0, 8)} is not the current plan ${this.#status.planDigest?.slice(0, 8) ?? 'none'}`;
    return undefined;
  }

  #pause(paused: boolean): void {
    this.#paused = paused;
    if (this.#status.state === 'running' || this.#status.state === 'paused')
      this.#status.state = paused ? 'paused' : 'running';
    for (const child of this.#status.children)
      void wf
        .getExternalWorkflowHandle(child)
        .signal(paused ? pauseSignal : resumeSignal)
        .catch(() => undefined); // a child that has ended needs no signal
    this.#publish();
  }

  /** Details are free; a search attribute costs an event in the history, so it is written only when it changes. */
  #publish(phase: AnyPhase | undefined = this.#published.phase): void {
    wf.setCurrentDetails(renderDetails(this.#status));
    const { state } = this.#status;
    if (state === this.#published.state && phase === this.#published.phase) return;
    this.#published = { state, phase };
    wf.upsertSearchAttributes([
      { key: STATE_KEY, value: state },
      ...(phase === undefined ? [] : [{ key: PHASE_KEY, value: phase }]),
    ]);
  }
}

const changesIn = (result: unknown): string[] | undefined =>
  typeof result === 'object' && result !== null && 'changed' in result ? (result as Changed).changed : undefined;
