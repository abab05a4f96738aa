import { VERIFY_WORKFLOW, verifyWorkflowId } from '../../../contract/names.js';
import { packTopology } from '../../../contract/topology/packed-topology.js';
import type { VerifyInput, VerifyResult } from '../../../contract/runs.js';
import { clustersOf } from '../../../contract/topology/topology.js';
import type { Context } from '../../context.js';
import { commandLine } from '../../invocation.js';
import { EXIT_FAILED } from '../../program/exit-codes.js';
import { conclude } from '../../runs/conclude.js';
import { summaryOf } from '../../runs/names.js';
import { resultPages } from '../../runs/pages.js';
import { startOrAttach } from '../../runs/start.js';
import { withTemporal } from '../../temporal/session.js';
import { chooseTopology, type Choice } from '../../topologies/choose.js';
import { endingCertificates, warnOfEnding } from '../../topologies/ending-certificates.js';
import { limitedTo, onlyOf } from '../../topologies/only.js';
import { follow } from '../../watch/follow.js';
import { printChecks } from './output.js';

export interface VerifyOptions {
  json?: boolean;
  failed?: boolean;
  only?: string[];
}

export async function verify(context: Context, choice: Choice, options: VerifyOptions): Promise<number> {
  const { topology } = await chooseTopology(context, choice);
  const only = onlyOf(topology, options.only);
  return withTemporal(context, async (temporal) => {
    const input: VerifyInput = limitedTo({ topology: packTopology(topology), standing: true }, only);
    const started = await startOrAttach(temporal, {
      workflow: VERIFY_WORKFLOW,
      workflowId: verifyWorkflowId(topology.name),
      topology,
      input,
      summary: summaryOf('verify', topology, only),
    });
    const again = `the checks are still running; see them with: ${commandLine(`verify ${topology.name}`)}`;
    const outcome = await follow<VerifyResult>(context, temporal, started, again);
    return conclude(context, outcome, async (result) => {
      const clusters = only?.length ?? clustersOf(topology).length;
      const certificates = await endingCertificates(context, topology.name, () => Promise.resolve(topology));
      const wanted = { ...options, clusters, certificates };
      await printChecks(context, result, resultPages(temporal.client, started.handle), wanted);
      warnOfEnding(context, certificates);
      return result.checks.failed === 0 && result.failedClusters.length === 0 ? 0 : EXIT_FAILED;
    });
  });
}
