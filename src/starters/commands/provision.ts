import { PROVISION_WORKFLOW, provisionWorkflowId, teardownWorkflowId } from '../../contract/names.js';
import type { ProvisionInput, ProvisionResult } from '../../contract/runs.js';
import type { Topology } from '../../contract/topology.js';
import type { Context } from '../context.js';
import { interruptible, printJson, say } from '../io.js';
import { renderPlan } from '../render/plan.js';
import { renderSummary } from '../render/summary.js';
import { comeBack, conclude, detached } from '../runs/conclude.js';
import { follow } from '../runs/follow.js';
import { planWorkflowId, summaryOf } from '../runs/names.js';
import { Setup } from '../runs/setup.js';
import { refuseDuring, startOrAttach, type Started } from '../runs/start.js';
import { webUiOf, type Temporal } from '../temporal/connect.js';
import { openTemporal } from '../temporal/session.js';
import { chooseLabBundle } from '../topologies/lab-bundle.js';
import { readTopologyFile, type LoadedTopology } from '../topologies/load.js';
import { remember } from '../topologies/remembered.js';
import { bringLabUp } from './lab.js';

export interface ProvisionOptions {
  file?: string;
  json?: boolean;
  plan?: boolean;
  detach?: boolean;
  trustOnFirstUse?: boolean;
  yes?: boolean;
  install: boolean;
  hosts: number;
}

interface Prepared {
  temporal: Temporal;
  loaded: LoadedTopology;
  /** Absent when the user named a topology file. */
  labMs?: number;
}

export async function provision(context: Context, options: ProvisionOptions): Promise<number> {
  const began = Date.now();
  const { temporal, loaded, labMs } = await prepare(context, options);
  try {
    const mode = options.plan === true ? 'plan' : 'provision';
    const { topology } = loaded;
    if (mode === 'provision') await refuseDuring(temporal, teardownWorkflowId(topology.name), topology.name);
    const input = { topology, mode, trustOnFirstUse: options.trustOnFirstUse === true } as const;
    const started = await startOrAttach<ProvisionInput>(temporal, {
      workflow: PROVISION_WORKFLOW,
      workflowId: mode === 'plan' ? planWorkflowId(topology.name) : provisionWorkflowId(topology.name),
      input,
      summary: summaryOf(mode, topology),
    });
    if (mode === 'provision') await remember(context.settings.stateDir, loaded);
    announce(context, temporal, topology, started);
    if (options.detach === true) return detached(context, topology.name, started, options);
    const times = { began, ...(labMs === undefined ? {} : { labMs }) };
    return await watch(context, temporal, { topology, started, options, times });
  } finally {
    await temporal.close();
  }
}

/** Side by side: the lab's hosts, where no file is named, and the Temporal server with its worker. */
async function prepare(context: Context, options: ProvisionOptions): Promise<Prepared> {
  const { io } = context;
  // Bad input is found before anything is started.
  const named = options.file === undefined ? undefined : await readTopologyFile(options.file, io.cwd, io.home);
  const setup = new Setup(context);
  const bundle = named === undefined ? await chooseLabBundle(context, undefined, setup.note) : 'none';
  const temporal = openTemporalShown(context, setup);
  try {
    if (named !== undefined) return { temporal: await temporal, loaded: named };
    const began = Date.now();
    const lab = await interruptible(io, (signal) => bringLabUp(context, setup, { ...options, bundle, signal }));
    const labMs = Date.now() - began;
    return { temporal: await temporal, loaded: await readTopologyFile(lab.topologyFile, io.cwd, io.home), labMs };
  } catch (error) {
    await temporal.then(
      (open) => open.close(),
      () => undefined, // the first failure is the one to tell
    );
    throw error;
  } finally {
    setup.settle();
  }
}

const openTemporalShown = (context: Context, setup: Setup): Promise<Temporal> =>
  setup.part(
    'temporal',
    () => openTemporal(context, { worker: true, note: setup.note }),
    ({ kind, address, webUi }) =>
      kind === 'embedded' ? `embedded server, Web UI at ${webUi ?? ''}` : `server ${address}`,
  );

function announce({ io, style }: Context, temporal: Temporal, topology: Topology, started: Started): void {
  const ui = webUiOf(temporal, started.handle.workflowId);
  const verb = started.attached ? 'attached to the run in progress' : 'run started';
  say(io, `${style.bold(topology.name)} ${style.dim(`${verb}${ui === undefined ? '' : `, ${ui}`}`)}`);
}

interface Watched {
  topology: Topology;
  started: Started;
  options: ProvisionOptions;
  times: { began: number; labMs?: number };
}

async function watch(context: Context, temporal: Temporal, watched: Watched): Promise<number> {
  const { topology, started, options, times } = watched;
  const { io, style } = context;
  const followed = await follow<ProvisionResult>(context, temporal, started, comeBack(topology.name));
  return conclude(context, topology.name, followed, (result) => {
    const facts = {
      topology,
      result,
      ...(followed.view === undefined ? {} : { view: followed.view }),
      webUi: webUiOf(temporal, started.handle.workflowId),
      times: { totalMs: Date.now() - times.began, runMs: Date.now() - started.startedAt, labMs: times.labMs },
    };
    if (options.json === true) printJson(io, result);
    else if (result.state === 'planned' && result.plan !== undefined)
      io.stdout.write(`${renderPlan(result.plan, style)}\n`);
    else say(io, renderSummary(facts, style));
    return result.state === 'degraded' ? 1 : 0;
  });
}
