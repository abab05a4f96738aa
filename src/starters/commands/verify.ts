import { failedChecks } from '../../contract/checks.js';
import { PROVISION_WORKFLOW, verifyWorkflowId } from '../../contract/names.js';
import type { ProvisionInput, ProvisionResult } from '../../contract/runs.js';
import type { Context } from '../context.js';
import { printData, printJson } from '../io.js';
import { countChecks, renderChecks } from '../render/checks.js';
import { conclude } from '../runs/conclude.js';
import { follow } from '../runs/follow.js';
import { summaryOf } from '../runs/names.js';
import { startOrAttach } from '../runs/start.js';
import { withTemporal } from '../temporal/session.js';
import { chooseTopology, type Choice } from '../topologies/choose.js';

export async function verify(context: Context, choice: Choice, { json }: { json?: boolean }): Promise<number> {
  const { topology } = await chooseTopology(context, choice);
  return withTemporal(context, async (temporal) => {
    const started = await startOrAttach<ProvisionInput>(temporal, {
      workflow: PROVISION_WORKFLOW,
      workflowId: verifyWorkflowId(topology.name),
      input: { topology, mode: 'verify', trustOnFirstUse: false },
      summary: summaryOf('verify', topology),
    });
    const followed = await follow<ProvisionResult>(
      context,
      temporal,
      started,
      'the checks go on; see them with the same command again',
    );
    return conclude(context, topology.name, followed, ({ checks }) => {
      if (json === true) printJson(context.io, checks);
      else printData(context.io, `${renderChecks(checks, context.style)}\n${countChecks(checks)}`);
      return failedChecks(checks).length === 0 ? 0 : 1;
    });
  });
}
