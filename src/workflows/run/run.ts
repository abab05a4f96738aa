import * as wf from '@temporalio/workflow';
import { addCounts, type CheckCounts, type CheckResult } from '../../contract/checks.js';
import { pauseSignal, resumeSignal, statusQuery } from '../../contract/messages.js';
import type { PhaseName, TeardownPhaseName } from '../../contract/phases.js';
import type { CarriedRun } from '../../contract/runs.js';
import type { EntryStatus, PhaseStatus, RunState, RunStatus } from '../../contract/status.js';
import { explained, toStatusError } from './status/failures.js';
import { Publisher } from './status/publish.js';
import { fitting } from './leaves/sizes.js';

export type AnyPhase = PhaseName | TeardownPhaseName;

/** Options of one activity or child that tie it to its entry: the id finds its pending attempt, the summary is read in the Web UI. */
export interface EntryCall {
  activityId: string;
  summary: string;
}

export interface EntryPlace {
  id: string;
  title: string;
  cluster?: string;
  host?: string;
  /** Leaves the tree when it is done: there may be a thousand of them. */
  passing?: boolean;
}

/** Failed ones among entries that leave the tree when they are done. */
const MAX_FAILED_ENTRIES = 20;
/** Failed checks that a status carries in full. */
const MAX_FAILED_CHECKS = 200;

/** Keeps the status tree of one workflow, responds to `status`, and holds new entries back during a pause. */
export class Run {
  readonly status: RunStatus;
  readonly #publisher = new Publisher();
  readonly #pauseListeners: ((paused: boolean) => void)[] = [];
  #paused = false;

  constructor(topology: string, phases: readonly AnyPhase[], cluster?: string) {
    this.status = {
      topology,
      ...(cluster === undefined ? {} : { cluster }),
      state: 'running',
      phases: phases.map((name) => ({ name, state: 'pending', entries: [] })),
      children: [],
      failedChecks: [],
      refusals: [],
      failedLeaves: [],
    };
    wf.setHandler(statusQuery, () => this.status, { description: 'phases and entries with their states' });
    wf.setHandler(pauseSignal, () => this.#pause(true), { description: 'start nothing new' });
    wf.setHandler(resumeSignal, () => this.#pause(false), { description: 'continue after a pause' });
  }

  /** Takes over from an earlier execution of the same run. */
  continueFrom({ status, paused }: Pick<CarriedRun, 'status' | 'paused'>): void {
    Object.assign(this.status, status, { state: 'running' });
    if (paused) this.#pause(true);
  }

  get carried(): Pick<CarriedRun, 'status' | 'paused'> {
    return { status: { ...this.status, failedLeaves: [] }, paused: this.#paused };
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Signals the children of the run. */
  onPause(listener: (paused: boolean) => void): void {
    this.#pauseListeners.push(listener);
  }

  addChecks(counts: CheckCounts, failed: readonly CheckResult[]): void {
    const { status } = this;
    status.checks = status.checks === undefined ? counts : addCounts(status.checks, counts);
    if (failed.length > 0) status.failedChecks = fitting([...status.failedChecks, ...failed], MAX_FAILED_CHECKS);
  }

  /** Stops the run in the given state; the tree still responds to queries. */
  finish(state: RunState): void {
    this.status.state = state;
    const left = state === 'done' || state === 'degraded' ? 'done' : 'failed';
    for (const phase of this.status.phases) {
      if (phase.state === 'pending') phase.state = 'skipped';
      if (phase.state === 'running' || phase.state === 'waiting') this.endPhase(phase.name, left);
    }
    this.publish();
  }

  finishWith(error: unknown): void {
    this.finish(explained(error)?.type === 'APPROVAL_REJECTED' ? 'rejected' : 'failed');
  }

  beginPhase(name: AnyPhase): void {
    const phase = this.phaseNamed(name);
    if (phase.state !== 'pending' && phase.state !== 'waiting') return;
    phase.startedAt ??= Date.now();
    phase.state = 'running';
    this.publish(name);
  }

  endPhase(name: AnyPhase, state: 'done' | 'failed' = 'done'): void {
    const phase = this.phaseNamed(name);
    phase.startedAt ??= Date.now();
    phase.endedAt = Date.now();
    phase.state = state;
    this.publish();
  }

  async phase<T>(name: AnyPhase, body: () => Promise<T>): Promise<T> {
    this.beginPhase(name);
    try {
      const result = await body();
      this.endPhase(name);
      return result;
    } catch (error) {
      this.endPhase(name, 'failed');
      throw error;
    }
  }

  /** One row of the tree: one activity, or one child workflow. */
  async entry<T>(
    phase: AnyPhase,
    { passing, ...place }: EntryPlace,
    invoke: (call: EntryCall) => Promise<T>,
  ): Promise<T> {
    await wf.condition(() => !this.#paused);
    const entry: EntryStatus = { ...place, state: 'running', startedAt: Date.now() };
    const { entries } = this.phaseNamed(phase);
    entries.push(entry);
    this.publish();
    try {
      const where = place.host ?? place.cluster;
      const result = await invoke({
        activityId: place.id,
        summary: where === undefined ? place.title : `${place.title} on ${where}`,
      });
      entry.state = 'done';
      const changed = changesIn(result);
      if (changed !== undefined) entry.changed = changed;
      if (passing === true) entries.splice(entries.indexOf(entry), 1);
      return result;
    } catch (error) {
      entry.state = 'failed';
      entry.error = toStatusError(error);
      if (passing === true && entries.filter(({ state }) => state === 'failed').length > MAX_FAILED_ENTRIES)
        entries.splice(entries.indexOf(entry), 1);
      throw error;
    } finally {
      entry.endedAt = Date.now();
      this.publish();
    }
  }

  phaseNamed(name: AnyPhase): PhaseStatus {
    const found = this.status.phases.find((phase) => phase.name === name);
    if (found === undefined) throw wf.ApplicationFailure.nonRetryable(`this workflow has no phase "${name}"`, 'USAGE');
    return found;
  }

  publish(phase?: AnyPhase): void {
    this.#publisher.publish(this.status, phase);
  }

  #pause(paused: boolean): void {
    this.#paused = paused;
    if (this.status.state === 'running' || this.status.state === 'paused')
      this.status.state = paused ? 'paused' : 'running';
    for (const listener of this.#pauseListeners) listener(paused);
    this.publish();
  }
}

/** Steps that an activity carried out. */
const changesIn = (result: unknown): number | undefined =>
  typeof result === 'object' && result !== null && 'steps' in result && Array.isArray(result.steps)
    ? result.steps.length
    : undefined;
