import * as wf from '@temporalio/workflow';
import type { Activities } from '../activities/activities.js';
import { reportSignal } from '../contract/messages.js';
import { clusterWorkflowId, removalWorkflowId } from '../contract/names.js';
import { unpackTopology } from '../contract/topology/packed-topology.js';
import { TEARDOWN_PHASES } from '../contract/phases.js';
import type { CarriedTeardown, ClusterError, TeardownInput, TeardownResult } from '../contract/runs.js';
import { hubScope, isHub, leafScope, type Scope } from '../contract/topology/scope.js';
import type { Topology } from '../contract/topology/topology.js';
import { ProvisionCluster } from './provision-cluster.js';
import { RemoveCluster } from './remove-cluster.js';
import { HOST_WORK, LOOK } from './run/activity-options.js';
import { Children } from './run/leaves/children.js';
import { isOwnCancellation, toStatusError } from './run/status/failures.js';
import { LeafTable } from './run/leaves/leaf-table.js';
import { Run } from './run/run.js';
import { selected } from './run/leaves/selection.js';
import { sideBySide } from './run/side-by-side.js';
import { fitting } from './run/leaves/sizes.js';
import { waves, type WaveOutcome } from './run/leaves/waves.js';

const act = wf.proxyActivities<Activities>(HOST_WORK);
const look = wf.proxyActivities<Activities>(LOOK);

const MAX_UNREACHED = 100;

/**
 * The walk in reverse: leaves first, so that the broker sees them leave, then the hub, and the keys when asked. A cluster
 * that cannot be removed is named, the others continue, and the keys stay. With `only`, some leaves go and the hub stays:
 * their users, links and credentials are taken out of it. Continues as new as a run does.
 */
export async function Teardown(input: TeardownInput, carried?: CarriedTeardown): Promise<TeardownResult> {
  const { only, purge } = input;
  const topology = unpackTopology(input.topology);
  const run = new Run(topology.name, TEARDOWN_PHASES);
  if (carried !== undefined) run.continueFrom(carried);
  const leaves = selected(topology.leaves, only).map(({ name }) => name);
  const removal = new Removal(run, topology, leaves, carried);
  try {
    if (carried === undefined && mayHoldMessages(topology))
      await run.phase('leaves', () => lookForMessages(run, input));
    const hub = async (): Promise<void> => {
      await wf.condition(() => removal.leavesAreGone || removal.isDrained);
      if (removal.isDrained) return;
      await run.phase('hub', () => (only === undefined ? removal.removeHub() : removal.releaseLeaves(only)));
    };
    await sideBySide([() => removal.removeLeaves(), hub]);
    if (removal.isDrained) return await wf.continueAsNew<typeof Teardown>(input, removal.carried);
    const state = removal.unreached.length === 0 ? 'done' : 'degraded';
    const deletes = purge && only === undefined && state === 'done'; // what still runs on a host needs its keys
    if (deletes) await run.phase('keys', () => removal.purgeKeys());
    run.finish(state);
    const { removed, table, unreached } = removal;
    return {
      state,
      removed,
      leaves: table.counts,
      unreached: fitting(unreached, MAX_UNREACHED),
      keys: deletes ? 'deleted' : 'kept',
    };
  } catch (error) {
    if (!(error instanceof wf.ContinueAsNew)) run.finishWith(error);
    throw error;
  }
}

/** An earlier topology may have had streams that this one does not. Without the answer nothing is removed. */
const mayHoldMessages = ({ deleteData }: Topology): boolean => deleteData !== true && wf.patched('asks-for-messages');

function lookForMessages(run: Run, { topology: packed, only }: TeardownInput): Promise<unknown> {
  run.beginPhase('leaves');
  return run.entry('leaves', { id: 'messages', title: 'look for messages in streams' }, (call) =>
    look['look for messages in streams'].executeWithOptions(call, [
      { packed, ...(only === undefined ? {} : { only }) },
    ]),
  );
}

/** What was removed so far, and the clusters that could not be. */
class Removal {
  removed: number;
  readonly unreached: ClusterError[];
  /** Leaves are left, and the next execution removes them. */
  isDrained = false;
  readonly table: LeafTable;
  readonly #run: Run;
  readonly #topology: Topology;
  readonly #leaves: readonly string[];
  /** Leaves whose leaf node has left the broker, or that are over. */
  readonly #gone = new Set<string>();
  readonly #children: Children;

  constructor(run: Run, topology: Topology, leaves: readonly string[], carried?: CarriedTeardown) {
    this.#run = run;
    this.#topology = topology;
    this.#leaves = leaves;
    this.removed = carried?.removed ?? 0;
    this.unreached = [...(carried?.unreached ?? [])];
    this.table = new LeafTable(run, leaves, carried?.leaves);
    for (const { cluster } of carried?.leaves ?? []) this.#gone.add(cluster);
    this.#children = new Children(run);
    wf.setHandler(reportSignal, ({ cluster, left }) => {
      if (left === true) this.#gone.add(cluster);
    });
  }

  get leavesAreGone(): boolean {
    return this.#leaves.every((leaf) => this.#gone.has(leaf));
  }

  get carried(): CarriedTeardown {
    const { table, removed, unreached } = this;
    return { ...this.#run.carried, leaves: table.carried, removed, unreached: fitting(unreached, MAX_UNREACHED) };
  }

  async removeLeaves(): Promise<void> {
    this.#run.beginPhase('leaves');
    try {
      const { left } = await this.#rollOut();
      this.isDrained = left.length > 0;
      if (!this.isDrained) this.#run.endPhase('leaves');
    } catch (error) {
      this.#run.endPhase('leaves', 'failed');
      throw error;
    }
  }

  #rollOut(): Promise<WaveOutcome> {
    const { leaves, rollout, ...settings } = this.#topology;
    const scopes = new Map(leaves.map((leaf) => [leaf.name, leafScope({ ...settings, rollout }, leaf)]));
    return waves(this.table.named('pending'), {
      rollout: { ...rollout, canary: 0, maxFailures: '100%' },
      total: this.#leaves.length,
      failed: 0,
      mustDrain: () => wf.workflowInfo().continueAsNewSuggested && wf.patched('teardown-continues-as-new'),
      work: async (leaf) => {
        const scope = scopes.get(leaf);
        if (scope === undefined) return true;
        const removed = await this.#remove(scope);
        this.#gone.add(leaf);
        if (removed !== undefined) this.table.set(leaf, 'done', { changed: removed });
        return removed !== undefined;
      },
    });
  }

  async removeHub(): Promise<void> {
    await this.#remove(hubScope(this.#topology));
  }

  /** The hub as it is without the leaves that go: the same walk with another topology. */
  async releaseLeaves(only: readonly string[]): Promise<void> {
    const leaves = this.#topology.leaves.filter(({ name }) => !only.includes(name));
    const scope = hubScope({ ...this.#topology, leaves });
    const { name } = scope.cluster;
    const input = { scope, trustOnFirstUse: false, gated: [], openGates: [], hubParts: [] };
    try {
      const { changed } = await this.#children.result(clusterWorkflowId(this.#topology.name, name), {
        isHub: true,
        start: (options) =>
          wf.startChild(ProvisionCluster, { ...options, args: [input], staticSummary: `take leaves out of ${name}` }),
      });
      this.removed += changed.create + changed.change + changed.delete;
    } catch (error) {
      this.#fail(name, error);
    }
  }

  async purgeKeys(): Promise<void> {
    const topology = this.#topology.name;
    const { steps } = await this.#run.entry('keys', { id: 'keys', title: 'delete the keys' }, (call) =>
      act['purge keys'].executeWithOptions(call, [{ topology }]),
    );
    this.removed += steps.length;
  }

  /** @returns undefined: it failed, and is named */
  async #remove(scope: Scope): Promise<number | undefined> {
    const { name } = scope.cluster;
    try {
      const { removed } = await this.#children.result(removalWorkflowId(this.#topology.name, name), {
        isHub: isHub(scope),
        start: (options) => {
          this.table.set(name, 'running');
          return wf.startChild(RemoveCluster, { ...options, args: [{ scope }], staticSummary: `remove ${name}` });
        },
      });
      this.removed += removed;
      return removed;
    } catch (error) {
      this.#fail(name, error);
      return undefined;
    }
  }

  #fail(cluster: string, error: unknown): void {
    if (isOwnCancellation(error)) throw error;
    this.unreached.push({ cluster, error: toStatusError(error) });
    this.table.fail(cluster, error);
  }
}
