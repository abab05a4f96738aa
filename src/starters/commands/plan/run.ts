import { PLAN_WORKFLOW, planWorkflowId } from '../../../contract/names.js';
import { packTopology } from '../../../contract/topology/packed-topology.js';
import type { PlanSummary, RunInput } from '../../../contract/runs.js';
import { mayDelete } from '../../program/options.js';
import type { Context } from '../../context.js';
import { commandLine } from '../../invocation.js';
import { EXIT_CHANGES, EXIT_FAILED } from '../../program/exit-codes.js';
import { conclude } from '../../runs/conclude.js';
import { summaryOf } from '../../runs/names.js';
import { planPages } from '../../runs/pages.js';
import { startOrAttach } from '../../runs/start.js';
import { endingCertificates, warnOfEnding } from '../../topologies/ending-certificates.js';
import { limitedTo } from '../../topologies/only.js';
import { follow } from '../../watch/follow.js';
import { printPlan } from './output.js';
import { prepare, type Prepared, type SystemOptions } from './prepare.js';

export async function plan(context: Context, options: SystemOptions): Promise<number> {
  const prepared = await prepare(context, options);
  try {
    return await planPrepared(context, prepared, options);
  } finally {
    await prepared.temporal.close();
  }
}

async function planPrepared(
  context: Context,
  { temporal, loaded: { topology }, only }: Prepared,
  options: SystemOptions,
): Promise<number> {
  const { trustOnFirstUse = false, json = false } = options;
  const packed = packTopology(mayDelete(topology, options));
  const input: RunInput = limitedTo({ topology: packed, trustOnFirstUse }, only);
  const started = await startOrAttach(temporal, {
    workflow: PLAN_WORKFLOW,
    workflowId: planWorkflowId(topology.name),
    topology,
    input,
    summary: summaryOf('plan', topology, only),
  });
  const again = `the plan is still being made; see it with: ${commandLine('plan')}`;
  const outcome = await follow<PlanSummary>(context, temporal, started, again);
  return conclude(context, outcome, async (summary) => {
    const certificates = await endingCertificates(context, topology.name, () => Promise.resolve(topology));
    await printPlan(context, { ...summary, certificates }, planPages(temporal.client, started.handle, summary), json);
    warnOfEnding(context, certificates);
    // The plan of some clusters is no plan of the topology.
    if (summary.unfit.length + summary.unreached.length > 0) return EXIT_FAILED;
    return summary.clusters.length > 0 ? EXIT_CHANGES : 0;
  });
}
