import * as wf from '@temporalio/workflow';
import type { CheckCounts, CheckResult } from '../../contract/checks.js';
import { progressSignal, reportSignal, type Progress, type Report } from '../../contract/messages.js';
import { clusterWorkflowId } from '../../contract/names.js';
import { PHASES } from '../../contract/phases.js';
import { sumOf, type Counts } from '../../contract/plan.js';
import type { CarriedRun, ClusterInput, ClusterResult, PlanSummary, ProvisionInput } from '../../contract/runs.js';
import type { Scope } from '../../contract/scope.js';
import type { Topology } from '../../contract/topology.js';
import { ProvisionCluster } from '../provision-cluster.js';
import { Children, quietly } from './children.js';
import { isOwnCancellation } from './failures.js';
import type { Gates } from './gates.js';
import type { LeafTable } from './leaf-table.js';
import { WHOLE_HUB } from './progress.js';
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

/** The children of a provisioning run: one for the hub, one for each leaf that has something to do. */
export class Fleet {
  readonly table: LeafTable;
  changed: Counts;
  hubIsDone = false;
  /** No child runs or will run. */
  isDone = false;
  readonly #parts: FleetParts;
  readonly #hubParts: Set<string>;
  readonly #children: Children;

  constructor(parts: FleetParts) {
    this.#parts = parts;
    this.table = parts.table;
    this.#children = new Children(parts.run);
    const { carried } = parts.input;
    this.changed = carried?.changed ?? NOTHING;
    if (carried !== undefined) parts.run.addChecks(carried.checks, carried.failedChecks);
    this.#hubParts = new Set(carried !== undefined || !this.#hasWork(this.#hub) ? [WHOLE_HUB] : []);
    this.hubIsDone = this.#hubParts.has(WHOLE_HUB);
    wf.setHandler(reportSignal, (report) => this.#onReport(report));
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
      if (isOwnCancellation(error)) throw error;
      this.table.fail(name, error);
      return false;
    }
  }

  addChecks({ checks, failedChecks }: { checks: CheckCounts; failedChecks: readonly CheckResult[] }): void {
    this.#parts.run.addChecks(checks, failedChecks);
  }

  /** Asks for the gated phases that the clusters wait for. */
  async passGates(): Promise<void> {
    if (this.hasWork) this.#enterOpenPhases();
    await this.#parts.gates.keep({
      hub: this.#hub,
      hubIsDone: () => this.hubIsDone,
      isDone: () => this.isDone,
      opened: (phase) => {
        this.#enterOpenPhases();
        this.#advance({ openGates: [phase] });
      },
    });
  }

  #hasWork(cluster: string): boolean {
    return this.#parts.plan.clusters.some((planned) => planned.cluster === cluster);
  }

  async #work(scope: Scope): Promise<ClusterResult> {
    const { topology, plan } = this.#parts;
    const { name } = scope.cluster;
    let given = this.#inputFor(scope, plan);
    const result = await this.#children.result(clusterWorkflowId(topology.name, name), {
      isHub: name === this.#hub,
      start: (options) => {
        given = this.#inputFor(scope, plan);
        return wf.startChild(ProvisionCluster, { ...options, args: [given], staticSummary: `provision ${name}` });
      },
      started: (child) => this.#tellMissed(child, given),
    });
    this.changed = sumOf([this.changed, result.changed]);
    return result;
  }

  /** What came about while the child was being started. */
  #tellMissed(child: wf.ChildWorkflowHandle<typeof ProvisionCluster>, given: ClusterInput): void {
    const openGates = this.#parts.gates.open.filter((phase) => !given.openGates.includes(phase));
    const hubParts = [...this.#hubParts].filter((part) => !given.hubParts.includes(part));
    if (openGates.length + hubParts.length > 0) quietly(child.signal(progressSignal, { openGates, hubParts }));
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
    if (waitsFor !== undefined) this.#parts.gates.want(waitsFor, cluster);
    if (parts.length > 0 && cluster === this.#hub) this.#advance({ hubParts: parts });
  }

  /** A phase of the run begins when it may be worked on; its parts are the children's. */
  #enterOpenPhases(): void {
    const { gates, run } = this.#parts;
    for (const phase of PHASES) {
      if (!gates.isOpen(phase)) return;
      run.beginPhase(phase);
    }
  }

  #advance(progress: Progress): void {
    for (const part of progress.hubParts ?? []) this.#hubParts.add(part);
    this.#children.tellAll((child) => child.signal(progressSignal, progress));
  }
}
