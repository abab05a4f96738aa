import * as wf from '@temporalio/workflow';
import type { CheckCounts, CheckResult } from '../../contract/checks.js';
import {
  pauseSignal,
  progressSignal,
  reportSignal,
  resumeSignal,
  type Progress,
  type Report,
} from '../../contract/messages.js';
import { clusterWorkflowId } from '../../contract/names.js';
import { PHASES, type PhaseName } from '../../contract/phases.js';
import { sumOf, type Counts } from '../../contract/plan.js';
import type { CarriedRun, ClusterInput, ClusterResult, PlanSummary, ProvisionInput } from '../../contract/runs.js';
import type { Scope } from '../../contract/scope.js';
import type { Topology } from '../../contract/topology.js';
import { ProvisionCluster } from '../provision-cluster.js';
import type { Gates } from './gates.js';
import type { LeafTable } from './leaf-table.js';
import { WHOLE_HUB } from './progress.js';
import { TOPOLOGY_KEY } from './publish.js';
import type { Run } from './run.js';

interface FleetParts {
  run: Run;
  gates: Gates;
  table: LeafTable;
  input: ProvisionInput;
  topology: Topology;
  plan: PlanSummary;
}

const NOTHING: Counts = { create: 0, change: 0, delete: 0 };
/** No plan of the cluster was seen, so none was approved: no digest is equal to it. */
const UNSEEN = 'unseen';
/** Failed leaves whose trees a status leads to, beside those that run. */
const MAX_FAILED_CHILDREN = 10;

/** The children of a provisioning run: one for the hub, one for each leaf that has something to do. */
export class Fleet {
  readonly table: LeafTable;
  changed: Counts;
  hubIsDone = false;
  /** No child runs or will run. */
  isDone = false;
  readonly #parts: FleetParts;
  readonly #hubParts: Set<string>;
  readonly #running = new Map<string, wf.ChildWorkflowHandle<typeof ProvisionCluster>>();
  readonly #failedChildren: string[] = [];
  /** Gated phases that children wait for. */
  readonly #wanted = new Map<PhaseName, Set<string>>();

  constructor(parts: FleetParts) {
    this.#parts = parts;
    this.table = parts.table;
    const { carried } = parts.input;
    this.changed = carried?.changed ?? NOTHING;
    if (carried !== undefined) parts.run.addChecks(carried.checks, carried.failedChecks);
    this.#hubParts = new Set(carried !== undefined || !this.#hasWork(this.#hub) ? [WHOLE_HUB] : []);
    this.hubIsDone = this.#hubParts.has(WHOLE_HUB);
    wf.setHandler(reportSignal, (report) => this.#onReport(report));
    parts.run.onPause((paused) => this.#tellAll((child) => child.signal(paused ? pauseSignal : resumeSignal)));
  }

  get carried(): Pick<CarriedRun, 'startedAt' | 'changed' | 'checks' | 'failedChecks'> {
    const { status } = this.#parts.run;
    const checks = status.checks ?? { passed: 0, failed: 0, warned: 0, skipped: 0 };
    const startedAt = this.#parts.input.carried?.startedAt ?? wf.workflowInfo().startTime.getTime();
    return { startedAt, changed: this.changed, checks, failedChecks: status.failedChecks };
  }

  /** Clusters that had nothing to do. */
  get unchanged(): string[] {
    const hub = this.#parts.input.carried === undefined && !this.#hasWork(this.#hub) ? [this.#hub] : [];
    return [...hub, ...this.table.named('unchanged')];
  }

  get hasWork(): boolean {
    return !this.hubIsDone || this.table.named('pending').length > 0;
  }

  get #hub(): string {
    return this.#parts.topology.broker.name;
  }

  async workOnHub(scope: Scope): Promise<void> {
    if (this.hubIsDone) return;
    const result = await this.#work(scope);
    this.addChecks(result);
    this.hubIsDone = true;
    this.#advance({ hubParts: [WHOLE_HUB] });
  }

  /** @returns whether the leaf is done; a failure of its own stops neither the hub nor the other leaves */
  async workOnLeaf(scope: Scope): Promise<boolean> {
    const { name } = scope.cluster;
    this.table.set(name, 'running');
    try {
      const result = await this.#work(scope);
      this.addChecks(result);
      const { create, change, delete: deleted } = result.changed;
      this.table.set(name, 'done', { changed: create + change + deleted, failedChecks: result.checks.failed });
      return true;
    } catch (error) {
      if (wf.isCancellation(error)) throw error;
      this.table.fail(name, error);
      return false;
    }
  }

  addChecks({ checks, failedChecks }: { checks: CheckCounts; failedChecks: readonly CheckResult[] }): void {
    this.#parts.run.addChecks(checks, failedChecks);
  }

  /** Asks for each gated phase in turn, once nothing is left to do before it. */
  async passGates(): Promise<void> {
    const { gates, topology } = this.#parts;
    if (this.hasWork) this.#enterOpenPhases();
    for (const phase of topology.approvals) {
      if (gates.open.includes(phase)) continue;
      await wf.condition(() => this.isDone || this.#isWanted(phase));
      if (this.isDone) return;
      await gates.pass(phase);
      this.#enterOpenPhases();
      this.#advance({ openGates: [phase] });
    }
  }

  /** The hub comes before its leaves: theirs counts once it is done. */
  #isWanted(phase: PhaseName): boolean {
    const clusters = this.#wanted.get(phase) ?? new Set();
    return clusters.has(this.#hub) || (this.hubIsDone && clusters.size > 0);
  }

  #hasWork(cluster: string): boolean {
    return this.#parts.plan.clusters.some((planned) => planned.cluster === cluster);
  }

  async #work(scope: Scope): Promise<ClusterResult> {
    const { run, topology, plan } = this.#parts;
    const { name } = scope.cluster;
    const workflowId = clusterWorkflowId(topology.name, name);
    const given = this.#inputFor(scope, plan);
    const child = await wf.startChild(ProvisionCluster, {
      workflowId,
      args: [given],
      parentClosePolicy: wf.ParentClosePolicy.REQUEST_CANCEL,
      staticSummary: `provision ${name}`,
      typedSearchAttributes: [{ key: TOPOLOGY_KEY, value: topology.name }],
    });
    this.#running.set(workflowId, child);
    this.#publishChildren();
    // A pause that came while the child was being started has not reached it.
    if (run.paused) await child.signal(pauseSignal);
    await this.#tellMissed(child, given);
    const result = child.result().then((done) => {
      this.changed = sumOf([this.changed, done.changed]);
      return done;
    });
    try {
      return await result;
    } catch (error) {
      if (this.#failedChildren.length < MAX_FAILED_CHILDREN) this.#failedChildren.push(workflowId);
      throw error;
    } finally {
      this.#running.delete(workflowId);
      this.#publishChildren();
    }
  }

  /** What came about while the child was being started. */
  async #tellMissed(child: wf.ChildWorkflowHandle<typeof ProvisionCluster>, given: ClusterInput): Promise<void> {
    const openGates = this.#parts.gates.open.filter((phase) => !given.openGates.includes(phase));
    const hubParts = [...this.#hubParts].filter((part) => !given.hubParts.includes(part));
    if (openGates.length + hubParts.length > 0) await child.signal(progressSignal, { openGates, hubParts });
  }

  #inputFor(scope: Scope, { clusters, plans = [] }: PlanSummary): ClusterInput {
    const { gates, input, topology } = this.#parts;
    const { name } = scope.cluster;
    const plan = plans.find(({ cluster }) => cluster === name);
    const summary = clusters.find(({ cluster }) => cluster === name);
    const gated = topology.approvals;
    return {
      scope,
      trustOnFirstUse: input.trustOnFirstUse,
      ...(plan === undefined ? {} : { plan }),
      ...(gated.length === 0 ? {} : { approvedDigest: summary?.digest ?? UNSEEN }),
      gated,
      openGates: gates.open,
      hubParts: [...this.#hubParts],
    };
  }

  #onReport({ cluster, waitsFor, parts = [] }: Report): void {
    if (waitsFor !== undefined) this.#wanted.set(waitsFor, (this.#wanted.get(waitsFor) ?? new Set()).add(cluster));
    if (parts.length > 0 && cluster === this.#hub) this.#advance({ hubParts: parts });
  }

  /** A phase of the run begins when it may be worked on; its parts are the children's. */
  #enterOpenPhases(): void {
    const { gates, topology, run } = this.#parts;
    for (const phase of PHASES) {
      if (phase !== 'preflight' && topology.approvals.includes(phase) && !gates.open.includes(phase)) return;
      run.beginPhase(phase);
    }
  }

  #advance(progress: Progress): void {
    for (const part of progress.hubParts ?? []) this.#hubParts.add(part);
    this.#tellAll((child) => child.signal(progressSignal, progress));
  }

  #tellAll(tell: (child: wf.ChildWorkflowHandle<typeof ProvisionCluster>) => Promise<void>): void {
    // A child that has closed needs no signal.
    for (const child of this.#running.values()) void tell(child).catch(() => undefined);
  }

  #publishChildren(): void {
    this.#parts.run.status.children = [...this.#running.keys(), ...this.#failedChildren];
    this.#parts.run.publish();
  }
}
