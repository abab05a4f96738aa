import { provisionWorkflowId, TEARDOWN_WORKFLOW, teardownWorkflowId } from '../../contract/names.js';
import type { TeardownInput, TeardownResult } from '../../contract/runs.js';
import { hostsOf, type Topology } from '../../contract/topology.js';
import type { Context } from '../context.js';
import { usage } from '../failure.js';
import { canAsk, confirm, printJson, say } from '../io.js';
import { renderTeardown } from '../render/teardown.js';
import { comeBack, conclude } from '../runs/conclude.js';
import { follow } from '../runs/follow.js';
import { findRun } from '../runs/latest.js';
import { summaryOf } from '../runs/names.js';
import { refuseDuring, startOrAttach } from '../runs/start.js';
import type { Temporal } from '../temporal/connect.js';
import { withTemporal } from '../temporal/session.js';
import { chooseTopology, isLabTopology, type Choice } from '../topologies/choose.js';
import { forget } from '../topologies/remembered.js';

export interface TeardownOptions {
  purge?: boolean;
  cancelRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

export async function teardown(context: Context, choice: Choice, options: TeardownOptions): Promise<number> {
  const { topology } = await chooseTopology(context, choice);
  if (!(await mayProceed(context, topology, options))) {
    say(context.io, 'nothing was removed');
    return 1;
  }
  return withTemporal(context, async (temporal) => {
    await endRun(context, temporal, topology.name, options);
    const began = Date.now();
    const started = await startOrAttach<TeardownInput>(temporal, {
      workflow: TEARDOWN_WORKFLOW,
      workflowId: teardownWorkflowId(topology.name),
      input: { topology, purge: options.purge === true },
      summary: summaryOf('teardown', topology),
    });
    const followed = await follow<TeardownResult>(context, temporal, started, comeBack(topology.name));
    const lab = await isLabTopology(context, topology.name);
    return conclude(context, topology.name, followed, (result) => {
      if (options.json === true) printJson(context.io, result);
      else
        say(
          context.io,
          renderTeardown(
            { topology: topology.name, result, tookMs: Date.now() - began, lab, purge: options.purge === true },
            context.style,
          ),
        );
      if (result.keys === 'deleted') forget(context.settings.stateDir, topology.name);
      return result.state === 'done' ? 0 : 1;
    });
  });
}

async function mayProceed({ io }: Context, topology: Topology, options: TeardownOptions): Promise<boolean> {
  if (options.yes === true) return true;
  if (!canAsk(io))
    throw usage('teardown asks before it removes anything, and nobody is there to answer', 'say so beforehand: --yes');
  const hosts = hostsOf(topology)
    .map((host) => host.name)
    .join(', ');
  const keys = options.purge === true ? ', and its keys and certificates' : '';
  return confirm(io, `remove everything of topology "${topology.name}" from ${hosts}${keys}?`);
}

/** A run that builds and one that removes must not work side by side. */
async function endRun(
  { io }: Context,
  temporal: Temporal,
  topology: string,
  { cancelRun }: TeardownOptions,
): Promise<void> {
  if (cancelRun !== true) return refuseDuring(temporal, provisionWorkflowId(topology), topology);
  const run = await findRun(temporal, provisionWorkflowId(topology));
  if (run?.open !== true) return;
  say(io, 'cancelling the run in progress ...');
  await run.handle.cancel();
  await run.handle.result().catch(() => undefined); // it ends as cancelled, which is what was asked for
}
