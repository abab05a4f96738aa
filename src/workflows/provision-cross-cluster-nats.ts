import * as wf from '@temporalio/workflow';
import type { CheckCounts } from '../contract/checks.js';
import { runPlanWorkflowId, runVerifyWorkflowId } from '../contract/names.js';
import { unpackTopology } from '../contract/topology/packed-topology.js';
import { PHASES } from '../contract/phases.js';
import type { CarriedRun, PlanSummary, ProvisionInput, ProvisionResult, VerifyResult } from '../contract/runs.js';
import { hubScope, leafScope } from '../contract/topology/scope.js';
import type { Topology } from '../contract/topology/topology.js';
import { PlanTopology } from './plan-topology.js';
import { ChecksAhead } from './run/ahead.js';
import { asFailure } from './run/status/failures.js';
import { Fleet, type FleetWork } from './run/leaves/fleet.js';
import { whenFree } from './run/leaves/free-id.js';
import { Gates } from './run/gates.js';
import { LeafTable } from './run/leaves/leaf-table.js';
import { TOPOLOGY_KEY } from './run/status/publish.js';
import { Run } from './run/run.js';
import { selected } from './run/leaves/selection.js';
import { sideBySide } from './run/side-by-side.js';
import { waves, type WaveOutcome } from './run/leaves/waves.js';
import { VerifyTopology } from './verify-topology.js';

/**
 * The whole run: look and plan, act, prove. The hub and each leaf are children that own their cluster. When the history is
 * long, as Temporal says it, the run lets the leaves at work finish and continues as new.
 */
export async function ProvisionCrossClusterNats(input: ProvisionInput, carried?: CarriedRun): Promise<ProvisionResult> {
  const topology = unpackTopology(input.topology);
  const run = new Run(topology.name, PHASES);
  if (carried !== undefined) run.continueFrom(carried);
  const gates = new Gates(run, topology.approvals, carried?.openGates);
  const leaves = selected(topology.leaves, input.only).map(({ name }) => name);
  const table = new LeafTable(run, leaves, carried?.leaves);
  try {
    const ahead = carried === undefined ? new ChecksAhead(topology, input) : undefined;
    const work =
      carried === undefined ? await run.phase('preflight', () => preflight(run, table, input)) : workLeft(carried);
    const { trustOnFirstUse } = input;
    const fleet = new Fleet({ run, gates, table, topology, trustOnFirstUse, work, changed: carried?.changed });
    if (fleet.hasWork) ahead?.cancel();
    const { left, stopped } = await act(fleet, topology, carried === undefined);
    if (left.length > 0 && !stopped) return await continueAsNew(input, { run, gates, table, fleet, work });
    for (const leaf of left) table.set(leaf, 'skipped');
    if (input.only === undefined || leaves.length > 0) await proveUnchanged(run, fleet, input, ahead);
    return finish(run, table, fleet);
  } catch (error) {
    if (!(error instanceof wf.ContinueAsNew)) run.finishWith(error);
    throw error;
  }
}

/** Looks at every host side by side and makes the plan. Nothing is changed. */
async function preflight(
  run: Run,
  table: LeafTable,
  { topology, only, trustOnFirstUse }: ProvisionInput,
): Promise<FleetWork> {
  const workflowId = runPlanWorkflowId(topology.name);
  run.status.planWorkflowId = workflowId;
  const plan = await run.entry('preflight', { id: 'plan', title: 'look at every host and plan' }, ({ summary }) =>
    whenFree(() =>
      wf.executeChild(PlanTopology, {
        workflowId,
        args: [{ topology, trustOnFirstUse, ...(only === undefined ? {} : { only }) }],
        parentClosePolicy: wf.ParentClosePolicy.REQUEST_CANCEL,
        staticSummary: summary,
        typedSearchAttributes: [{ key: TOPOLOGY_KEY, value: topology.name }],
      }),
    ),
  );
  run.status.planDigest = plan.digest;
  run.status.planCounts = plan.counts;
  const work = workOf(plan, topology.broker.name);
  const unfit = new Map(plan.unfit.map(({ cluster, error }) => [cluster, error]));
  for (const leaf of table.named('pending')) {
    const error = unfit.get(leaf);
    if (error !== undefined) table.set(leaf, 'failed', { error });
    else if (work.digests[leaf] === undefined && !work.unreached.has(leaf)) table.set(leaf, 'unchanged');
  }
  return work;
}

function workOf({ clusters, plans = [], unreached }: PlanSummary, hub: string): FleetWork {
  const digests = Object.fromEntries(clusters.map(({ cluster, digest }) => [cluster, digest]));
  return {
    hub: digests[hub] === undefined ? 'unchanged' : 'due',
    digests,
    plans,
    unreached: new Set(unreached.map(({ cluster }) => cluster)),
  };
}

const workLeft = ({ hubIsUnchanged, digests }: CarriedRun): FleetWork => ({
  hub: hubIsUnchanged ? 'unchanged' : 'done',
  digests,
  plans: [],
  unreached: new Set(),
});

/** The hub and the leaves side by side. @returns leaves that were not started */
async function act(fleet: Fleet, topology: Topology, first: boolean): Promise<WaveOutcome> {
  const { leaves, rollout, ...settings } = topology;
  const scopes = new Map(leaves.map((leaf) => [leaf.name, leafScope({ ...settings, rollout }, leaf)]));
  const rollOut = () =>
    waves(fleet.pending, {
      rollout: first ? rollout : { ...rollout, canary: 0 },
      total: fleet.table.counts.total,
      failed: fleet.table.counts.failed,
      mustDrain: () => fleet.hubIsDone && wf.workflowInfo().continueAsNewSuggested,
      work: async (leaf) => {
        const scope = scopes.get(leaf);
        return scope === undefined || (await fleet.workOnLeaf(scope));
      },
    });
  const outcome: WaveOutcome = { left: [], stopped: false };
  const work = async (): Promise<void> => {
    await sideBySide([
      () => fleet.workOnHub(hubScope(topology)),
      async () => {
        Object.assign(outcome, await rollOut());
      },
    ]);
    fleet.isDone = true;
  };
  await sideBySide([work, () => fleet.passGates()]);
  return outcome;
}

/** Clusters that had nothing to do have no child of their own, so their checks run here. */
async function proveUnchanged(
  run: Run,
  fleet: Fleet,
  { topology }: ProvisionInput,
  ahead?: ChecksAhead,
): Promise<void> {
  const only = fleet.unchanged;
  if (only.length === 0) return;
  const begun = ahead?.cover(only) === true ? ahead : undefined;
  run.beginPhase('verify');
  const place = { id: 'verify', title: 'check what is unchanged' };
  const results = await run.entry('verify', place, ({ summary }) =>
    Promise.all([
      whenFree(() =>
        wf.executeChild(VerifyTopology, {
          workflowId: runVerifyWorkflowId(fleet.topology),
          args: [{ topology, only, ...(begun === undefined ? {} : { soon: false }) }],
          parentClosePolicy: wf.ParentClosePolicy.REQUEST_CANCEL,
          staticSummary: summary,
          typedSearchAttributes: [{ key: TOPOLOGY_KEY, value: fleet.topology }],
        }),
      ),
      ...(begun === undefined ? [] : [begun.results(only)]),
    ]),
  );
  for (const result of results) addProof(fleet, result);
}

function addProof(fleet: Fleet, result: VerifyResult): void {
  fleet.addChecks(result);
  for (const { cluster, error } of result.failedClusters) {
    if (cluster === fleet.hub) throw asFailure(error);
    fleet.table.set(cluster, 'failed', { error });
  }
}

function finish(run: Run, table: LeafTable, { changed }: Fleet): ProvisionResult {
  const { failedChecks, planDigest = '', checks = NO_CHECKS } = run.status;
  const leaves = table.counts;
  const degraded = leaves.failed > 0 || leaves.skipped > 0 || checks.failed > 0;
  const state = degraded ? 'degraded' : 'done';
  run.finish(state);
  return { state, planDigest, changed, leaves, failedLeaves: table.failed, checks, failedChecks };
}

const NO_CHECKS: CheckCounts = { passed: 0, failed: 0, warned: 0, skipped: 0 };

interface Continued {
  run: Run;
  gates: Gates;
  table: LeafTable;
  fleet: Fleet;
  work: FleetWork;
}

function continueAsNew(input: ProvisionInput, { run, gates, table, fleet, work }: Continued): Promise<never> {
  const pending = new Set(table.named('pending'));
  return wf.continueAsNew<typeof ProvisionCrossClusterNats>(input, {
    ...run.carried,
    openGates: gates.open,
    leaves: table.carried,
    digests: Object.fromEntries(Object.entries(work.digests).filter(([cluster]) => pending.has(cluster))),
    hubIsUnchanged: work.hub === 'unchanged',
    changed: fleet.changed,
  });
}
