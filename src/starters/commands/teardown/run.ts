import { provisionWorkflowId, TEARDOWN_WORKFLOW, teardownWorkflowId } from '../../../contract/names.js';
import { packTopology } from '../../../contract/topology/packed-topology.js';
import type { TeardownInput, TeardownResult } from '../../../contract/runs.js';
import { hostsOf, type Topology } from '../../../contract/topology/topology.js';
import type { Context } from '../../context.js';
import { usage } from '../../failure.js';
import { confirm, interruptible, mustBeAbleToAsk, printJson, say } from '../../io.js';
import { EXIT_FAILED } from '../../program/exit-codes.js';
import { mayDelete, type DataOptions } from '../../program/options.js';
import { comeBack, conclude, stateStays } from '../../runs/conclude.js';
import { findRun } from '../../runs/latest.js';
import { listed, summaryOf } from '../../runs/names.js';
import { cancelRun, giveWay, refuseDuringProvision } from '../../runs/open-run.js';
import { startOrAttach } from '../../runs/start.js';
import type { Temporal } from '../../temporal/connect.js';
import { withTemporal } from '../../temporal/session.js';
import { chooseTopology, isLabTopology, type Choice } from '../../topologies/choose.js';
import { forgetFormerLeaves, formerLeaves, withFormerLeaves } from '../../topologies/former.js';
import { limitedTo, onlyOf } from '../../topologies/only.js';
import { forget } from '../../topologies/remembered.js';
import { follow } from '../../watch/follow.js';
import { renderTeardown } from './output.js';

export interface TeardownOptions extends DataOptions {
  only?: string[];
  purge?: boolean;
  cancelRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

interface Wanted {
  /** With its former leaves. */
  topology: Topology;
  current: Topology;
  only: readonly string[] | undefined;
  purge: boolean;
}

export async function teardown(context: Context, choice: Choice, options: TeardownOptions): Promise<number> {
  const { topology: current } = await chooseTopology(context, choice);
  const former = await formerLeaves(context.settings.stateDir, current);
  const topology = mayDelete(withFormerLeaves(current, former), options);
  const wanted = { topology, current, only: onlyOf(topology, options.only), purge: options.purge === true };
  if (wanted.only !== undefined && wanted.purge)
    throw usage('--purge deletes the keys of the whole topology', 'leave out --only or --purge');
  if (options.yes !== true && !(await mayProceed(context, wanted))) {
    say(context.io, 'nothing was removed');
    return EXIT_FAILED;
  }
  return withTemporal(context, async (temporal) => {
    if (options.cancelRun === true) await stopRun(context, temporal, topology.name);
    else await refuseDuringProvision(temporal, topology.name);
    return remove(context, temporal, wanted, options.json === true);
  });
}

async function remove(context: Context, temporal: Temporal, wanted: Wanted, json: boolean): Promise<number> {
  const { io, style, settings } = context;
  const { topology, current, only, purge } = wanted;
  const { name } = topology;
  const began = Date.now();
  const input: TeardownInput = limitedTo({ topology: packTopology(topology), purge }, only);
  const started = await startOrAttach(temporal, {
    workflow: TEARDOWN_WORKFLOW,
    workflowId: teardownWorkflowId(name),
    topology,
    input,
    summary: summaryOf('teardown', topology, only),
  });
  if (!started.attached) await giveWay(temporal, name, 'provision');
  const outcome = await follow<TeardownResult>(context, temporal, started, comeBack(name));
  const lab = await isLabTopology(context, name);
  const onResult = async (result: TeardownResult): Promise<number> => {
    const facts = { topology: name, only, result, tookMs: Date.now() - began, lab, purge };
    if (json) printJson(io, result);
    else say(io, renderTeardown(facts, style));
    if (result.state === 'done') await forgetFormerLeaves(settings.stateDir, current, only ?? leavesOf(topology));
    if (result.keys === 'deleted') forget(settings.stateDir, name);
    return result.state === 'done' ? 0 : EXIT_FAILED;
  };
  return conclude(context, outcome, onResult, stateStays(name));
}

const leavesOf = ({ leaves }: Topology): string[] => leaves.map(({ name }) => name);

function mayProceed({ io }: Context, { topology, only, purge }: Wanted): Promise<boolean> {
  mustBeAbleToAsk(io, 'teardown');
  const hosts = hostsOf(topology).filter(({ cluster }) => only === undefined || only.includes(cluster));
  const from = listed(hosts.map(({ name }) => name));
  const what = only === undefined ? `everything of topology "${topology.name}"` : `leaves of "${topology.name}"`;
  const keys = purge ? ', and its keys and certificates' : '';
  return confirm(io, `remove ${what} from ${from}${keys}?`);
}

/** A run that builds and one that removes must not work side by side. */
async function stopRun({ io }: Context, temporal: Temporal, topology: string): Promise<void> {
  const run = await findRun(temporal, provisionWorkflowId(topology));
  if (run?.open !== true) return;
  say(io, 'cancelling the run in progress ...');
  await interruptible(io, (signal) => cancelRun(temporal, run, signal));
}
