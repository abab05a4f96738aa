import * as wf from '@temporalio/workflow';
import type { CheckCounts, CheckResult } from '../../../contract/checks.js';
import { progressSignal, reportSignal, type Progress, type Report } from '../../../contract/messages.js';
import { clusterWorkflowId } from '../../../contract/names.js';
import { PHASES } from '../../../contract/phases.js';
import { sumOf, type ClusterPlan, type Counts } from '../../../contract/plan.js';
import type { ClusterInput, ClusterResult } from '../../../contract/runs.js';
import type { Scope } from '../../../contract/topology/scope.js';
import type { Topology } from '../../../contract/topology/topology.js';
import { ProvisionCluster } from '../../provision-cluster.js';
import { Children, quietly } from './children.js';
import { isOwnCancellation } from '../status/failures.js';
import type { Gates } from '../gates.js';
import type { LeafTable } from './leaf-table.js';
import { WHOLE_HUB } from '../status/progress.js';
import type { Run } from '../run.js';

/** What is to be done, as far as a run knows it: which clusters, and what their plans must be. */
export interface FleetWork {
  hub: 'due' | 'done' | 'unchanged';
  /** Digests of the plans, by cluster, as in ClusterSummary. */
  digests: Readonly<Record<string, string>>;
  /** The plans themselves, where they travel. */
  plans: readonly ClusterPlan[];
  /** Leaves that did not respond to the first look: they go last. */
  unreached: ReadonlySet<string>;
}

interface FleetParts {
  run: Run;
  gates: Gates;
  table: LeafTable;
  topology: Topology;
  trustOnFirstUse: boolean;
  work: FleetWork;
  /** What earlier executions of the run have changed. */
  changed: Counts | undefined;
}

const NOTHING: Counts = { create: 0, change: 0, delete: 0 };
/** No plan of the cluster was seen, so none was approved: no digest is equal to it. */
const UNSEEN = 'unseen';

/** The children of a provisioning run: one for the hub, one for each leaf that has something to do. */
export class Fleet {
  readonly table: LeafTable;
  changed: Counts;
  hubIsDone: boolean;
  /** No child runs or will run. */
  isDone = false;
  readonly #parts: FleetParts;
  readonly #hubParts: Set<string>;
  readonly #children: Children;

  constructor(parts: FleetParts) {
    this.#parts = parts;
    this.table = parts.table;
    this.#children = new Children(parts.run);
    this.changed = parts.changed ?? NOTHING;
    this.hubIsDone = parts.work.hub !== 'due';
    this.#hubParts = new Set(this.hubIsDone ? [WHOLE_HUB] : []);
    wf.setHandler(reportSignal, (report) => this.#onReport(report));
  }

  /** Clusters that had nothing to do. */
  get unchanged(): string[] {
    return [...(this.#parts.work.hub === 'unchanged' ? [this.hub] : []), ...this.table.named('unchanged')];
  }

  /** Leaves that are still to do, in the order in which they start. */
  get pending(): string[] {
    const { unreached } = this.#parts.work;
    const pending = this.table.named('pending');
    return [...pending.filter((leaf) => !unreached.has(leaf)), ...pending.filter((leaf) => unreached.has(leaf))];
  }

  get hasWork(): boolean {
    return !this.hubIsDone || this.table.named('pending').length > 0;
  }

  /** Name of the topology. */
  get topology(): string {
    return this.#parts.topology.name;
  }

  /** Name of the hub. */
  get hub(): string {
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
      hub: this.hub,
      hubIsDone: () => this.hubIsDone,
      isDone: () => this.isDone,
      opened: (phase) => {
        this.#enterOpenPhases();
        this.#advance({ openGates: [phase] });
      },
    });
  }

  async #work(scope: Scope): Promise<ClusterResult> {
    const { name } = scope.cluster;
    let given = this.#inputFor(scope);
    const result = await this.#children.result(clusterWorkflowId(this.topology, name), {
      isHub: name === this.hub,
      start: (options) => {
        given = this.#inputFor(scope);
        this.table.set(name, 'running');
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

  #inputFor(scope: Scope): ClusterInput {
    const { gates, topology, trustOnFirstUse, work } = this.#parts;
    const { name } = scope.cluster;
    const plan = work.plans.find(({ cluster }) => cluster === name);
    const gated = topology.approvals;
    return {
      scope,
      trustOnFirstUse,
      ...(plan === undefined ? {} : { plan }),
      ...(gated.length === 0 ? {} : { approvedDigest: work.digests[name] ?? UNSEEN }),
      gated,
      openGates: gates.open,
      hubParts: [...this.#hubParts],
    };
  }

  #onReport({ cluster, waitsFor, parts = [] }: Report): void {
    if (waitsFor !== undefined) this.#parts.gates.want(waitsFor, cluster);
    if (parts.length > 0 && cluster === this.hub) this.#advance({ hubParts: parts });
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
