import * as wf from '@temporalio/workflow';
import type { CheckCounts } from '../contract/checks.js';
import { runPlanWorkflowId, runVerifyWorkflowId } from '../contract/names.js';
import { unpackTopology } from '../contract/packed-topology.js';
import { PHASES } from '../contract/phases.js';
import type { PlanSummary, ProvisionInput, ProvisionResult } from '../contract/runs.js';
import { hubScope, leafScope } from '../contract/scope.js';
import type { Topology } from '../contract/topology.js';
import { PlanTopology } from './plan-topology.js';
import { Fleet } from './run/fleet.js';
import { Gates } from './run/gates.js';
import { LeafTable } from './run/leaf-table.js';
import { TOPOLOGY_KEY } from './run/publish.js';
import { Run } from './run/run.js';
import { selected } from './run/selection.js';
import { sideBySide } from './run/side-by-side.js';
import { waves } from './run/waves.js';
import { VerifyTopology } from './verify-topology.js';

/** Events after which a run continues as new. A leaf costs about ten; Temporal warns at 10,240. */
const MAX_EVENTS = 5_000;

/** The whole run: look and plan, act, prove. The hub and each leaf are children that own their cluster. */
export async function ProvisionCrossClusterNats(input: ProvisionInput): Promise<ProvisionResult> {
  const topology = unpackTopology(input.topology);
  const run = new Run(topology.name, PHASES);
  const { carried } = input;
  const gates = new Gates(run, topology.approvals, carried?.openGates);
  const leaves = selected(topology.leaves, input.only).map(({ name }) => name);
  const table = new LeafTable(run, leaves, carried?.leaves);
  try {
    const plan = carried?.plan ?? (await run.phase('preflight', () => preflight(run, table, input)));
    run.status.planDigest = plan.digest;
    run.status.planCounts = plan.counts;
    const fleet = new Fleet({ run, gates, table, input, topology, plan });
    const { left, stopped } = await act(run, fleet, topology);
    if (left.length > 0 && !stopped) return await continueAsNew(input, plan, gates, table, fleet);
    for (const leaf of left) table.set(leaf, 'skipped');
    if (input.only === undefined || leaves.length > 0) await proveUnchanged(run, fleet, input, topology);
    return finish(run, table, fleet, plan);
  } catch (error) {
    run.finishWith(error);
    throw error;
  }
}

/** Looks at every host side by side and makes the plan. Nothing is changed. */
async function preflight(
  run: Run,
  table: LeafTable,
  { topology, only, trustOnFirstUse }: ProvisionInput,
): Promise<PlanSummary> {
  const workflowId = runPlanWorkflowId(topology.name);
  run.status.planWorkflowId = workflowId;
  const plan = await run.entry('preflight', { id: 'plan', title: 'look at every host and plan' }, ({ summary }) =>
    wf.executeChild(PlanTopology, {
      workflowId,
      args: [{ topology, trustOnFirstUse, ...(only === undefined ? {} : { only }) }],
      parentClosePolicy: wf.ParentClosePolicy.REQUEST_CANCEL,
      staticSummary: summary,
      typedSearchAttributes: [{ key: TOPOLOGY_KEY, value: topology.name }],
    }),
  );
  const busy = new Set([...plan.clusters, ...plan.unreached].map(({ cluster }) => cluster));
  const unfit = new Map(plan.unfit.map(({ cluster, error }) => [cluster, error]));
  for (const leaf of table.named('pending')) {
    const error = unfit.get(leaf);
    if (error !== undefined) table.set(leaf, 'failed', { error });
    else if (!busy.has(leaf)) table.set(leaf, 'unchanged');
  }
  return plan;
}

/** The hub and the leaves side by side. @returns leaves that were not started */
async function act(run: Run, fleet: Fleet, topology: Topology): Promise<{ left: string[]; stopped: boolean }> {
  const { leaves, ...settings } = topology;
  const scopes = new Map(leaves.map((leaf) => [leaf.name, leafScope(settings, leaf)]));
  const rollOut = () =>
    waves(fleet.table.named('pending'), {
      rollout: topology.rollout,
      total: fleet.table.counts.total,
      failed: fleet.table.counts.failed,
      mustDrain: () => fleet.hubIsDone && wf.workflowInfo().historyLength > MAX_EVENTS,
      work: async (leaf) => {
        const scope = scopes.get(leaf);
        return scope === undefined || (await fleet.workOnLeaf(scope));
      },
    });
  const outcome = { left: [] as string[], stopped: false };
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
async function proveUnchanged(run: Run, fleet: Fleet, input: ProvisionInput, topology: Topology): Promise<void> {
  const only = fleet.unchanged;
  if (only.length === 0) return;
  run.beginPhase('verify');
  const place = { id: 'verify', title: 'check what is unchanged' };
  const result = await run.entry('verify', place, ({ summary }) =>
    wf.executeChild(VerifyTopology, {
      workflowId: runVerifyWorkflowId(topology.name),
      args: [{ topology: input.topology, only }],
      parentClosePolicy: wf.ParentClosePolicy.REQUEST_CANCEL,
      staticSummary: summary,
      typedSearchAttributes: [{ key: TOPOLOGY_KEY, value: topology.name }],
    }),
  );
  fleet.addChecks(result);
  for (const { cluster, error } of result.failedClusters) fleet.table.set(cluster, 'failed', { error });
}

function finish(run: Run, table: LeafTable, { changed }: Fleet, plan: PlanSummary): ProvisionResult {
  const { failedChecks, checks = NO_CHECKS } = run.status;
  const leaves = table.counts;
  const degraded = leaves.failed > 0 || leaves.skipped > 0 || checks.failed > 0;
  const state = degraded ? 'degraded' : 'done';
  run.finish(state);
  return { state, planDigest: plan.digest, changed, leaves, failedLeaves: table.failed, checks, failedChecks };
}

const NO_CHECKS: CheckCounts = { passed: 0, failed: 0, warned: 0, skipped: 0 };

function continueAsNew(
  input: ProvisionInput,
  plan: PlanSummary,
  gates: Gates,
  table: LeafTable,
  fleet: Fleet,
): Promise<never> {
  const pending = new Set(table.named('pending'));
  return wf.continueAsNew<typeof ProvisionCrossClusterNats>({
    ...input,
    carried: {
      ...fleet.carried,
      plan: { ...plan, plans: [], clusters: plan.clusters.filter(({ cluster }) => pending.has(cluster)) },
      openGates: gates.open,
      leaves: table.carried,
    },
  });
}
