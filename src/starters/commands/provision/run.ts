import { PROVISION_WORKFLOW, provisionWorkflowId } from '../../../contract/names.js';
import { packTopology } from '../../../contract/topology/packed-topology.js';
import type { ProvisionInput, ProvisionResult } from '../../../contract/runs.js';
import type { Topology } from '../../../contract/topology/topology.js';
import { mayDelete } from '../../program/options.js';
import type { Context } from '../../context.js';
import { printJson, say } from '../../io.js';
import { EXIT_FAILED } from '../../program/exit-codes.js';
import { comeBack, conclude, detached, stateStays } from '../../runs/conclude.js';
import { summaryOf } from '../../runs/names.js';
import { giveWay, refuseDuringTeardown } from '../../runs/open-run.js';
import { startOrAttach, type Started } from '../../runs/start.js';
import { webUiOf, type Temporal } from '../../temporal/connect.js';
import { endingCertificates, warnOfEnding } from '../../topologies/ending-certificates.js';
import { limitedTo } from '../../topologies/only.js';
import { keepFormerLeaves, tellFormerLeaves } from '../../topologies/former.js';
import { isRemembered, loadRemembered, remember } from '../../topologies/remembered.js';
import { follow } from '../../watch/follow.js';
import { prepare, type Prepared, type SystemOptions } from '../plan/prepare.js';
import { renderSummary } from './output.js';
import { repeatWarnings } from './warnings.js';

export interface ProvisionOptions extends SystemOptions {
  detach?: boolean;
}

export async function provision(context: Context, options: ProvisionOptions): Promise<number> {
  const began = Date.now();
  const prepared = await prepare(context, options);
  const { temporal, loaded } = prepared;
  const { topology } = loaded;
  try {
    await refuseDuringTeardown(temporal, topology.name);
    const started = await start(prepared, options);
    if (!started.attached) await giveWay(temporal, topology.name, 'teardown');
    await keepFormer(context, topology);
    await remember(context.settings.stateDir, loaded);
    announce(context, temporal, topology, started);
    await tellFormerLeaves(context, topology);
    if (options.detach === true) return detached(context, topology.name, started, options);
    return await watch(context, prepared, started, { began, json: options.json === true });
  } finally {
    await temporal.close();
  }
}

/** What was provisioned before is known until it is overwritten. A copy that cannot be read any more names no leaf. */
async function keepFormer({ settings: { stateDir }, io }: Context, topology: Topology): Promise<void> {
  const before = isRemembered(stateDir, topology.name)
    ? await loadRemembered(stateDir, topology.name, io.home).catch(() => undefined)
    : undefined;
  await keepFormerLeaves(stateDir, topology, before?.topology);
}

function start({ temporal, loaded: { topology }, only }: Prepared, options: SystemOptions): Promise<Started> {
  const { trustOnFirstUse = false } = options;
  const packed = packTopology(mayDelete(topology, options));
  const input: ProvisionInput = limitedTo({ topology: packed, trustOnFirstUse }, only);
  return startOrAttach(temporal, {
    workflow: PROVISION_WORKFLOW,
    workflowId: provisionWorkflowId(topology.name),
    topology,
    input,
    summary: summaryOf('provision', topology, only),
  });
}

function announce({ io, style }: Context, temporal: Temporal, topology: Topology, started: Started): void {
  const ui = webUiOf(temporal, started.handle.workflowId);
  const verb = started.attached ? 'attached to the run in progress' : 'run started';
  say(io, `${style.bold(topology.name)} ${style.dim(`${verb}${ui === undefined ? '' : `, ${ui}`}`)}`);
}

async function watch(
  context: Context,
  { temporal, loaded: { topology }, labMs }: Prepared,
  started: Started,
  { began, json }: { began: number; json: boolean },
): Promise<number> {
  const { io, style } = context;
  const outcome = await follow<ProvisionResult>(context, temporal, started, comeBack(topology.name));
  const onResult = async (result: ProvisionResult): Promise<number> => {
    const certificates = await endingCertificates(context, topology.name, () => Promise.resolve(topology));
    const webUi = webUiOf(temporal, started.handle.workflowId);
    const times = { totalMs: Date.now() - began, runMs: Date.now() - started.startedAt, labMs };
    if (json) printJson(io, { ...result, certificates });
    else say(io, renderSummary({ topology, result, webUi, times }, style));
    warnOfEnding(context, certificates);
    return result.state === 'done' ? 0 : EXIT_FAILED;
  };
  const code = await conclude(context, outcome, onResult, stateStays(topology.name));
  if (code !== 0) await repeatWarnings(context, temporal, topology.name);
  return code;
}
