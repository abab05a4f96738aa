import { PLAN_WORKFLOW, planWorkflowId, PROVISION_WORKFLOW, provisionWorkflowId } from '../../../contract/names.js';
import type { PlanSummary, ProvisionInput, ProvisionResult, RunInput } from '../../../contract/runs.js';
import { packTopology } from '../../../contract/topology/packed-topology.js';
import { given } from '../../../contract/topology/given.js';
import type { Topology } from '../../../contract/topology/topology.js';
import type { Context } from '../../context.js';
import { commandLine } from '../../invocation.js';
import { confirm, mustBeAbleToAsk, printJson, say } from '../../io.js';
import { EXIT_CHANGES, EXIT_FAILED } from '../../program/exit-codes.js';
import { printUnit } from '../../program/unit.js';
import { comeBack, conclude, stateStays } from '../../runs/conclude.js';
import { summaryOf } from '../../runs/names.js';
import { giveWay, refuseDuringTeardown } from '../../runs/open-run.js';
import { allOf, planPages } from '../../runs/pages.js';
import { startOrAttach, type Started } from '../../runs/start.js';
import type { Temporal } from '../../temporal/connect.js';
import { withTemporal } from '../../temporal/session.js';
import { chooseTopology, type Choice } from '../../topologies/choose.js';
import { endingCertificates, storedEnds } from '../../topologies/ending-certificates.js';
import { limitedTo, onlyOf } from '../../topologies/only.js';
import { follow } from '../../watch/follow.js';
import { printPlan } from '../plan/output.js';
import { renderRenewal } from './renewal-output.js';

export interface RenewOptions {
  all?: boolean;
  /** Days. */
  within?: number;
  only?: string[];
  plan?: boolean;
  yes?: boolean;
  json?: boolean;
  /** Only print a unit of systemd that renews. */
  printUnit?: boolean;
}

interface Renewal {
  context: Context;
  temporal: Temporal;
  /** With what is to be renewed of it. */
  topology: Topology;
  options: RenewOptions;
}

/** A worker and a server that it starts stay for other commands. */
const unitFor = (topology: string) => ({
  description: `leafspan renews the certificates of ${topology}`,
  words: ['certs', 'renew', topology, '--yes'],
  service: 'Type=oneshot\nKillMode=process',
});

interface Planned {
  summary: PlanSummary;
  started: Started;
}

/** More days than any certificate has. */
const ALL_DAYS = 36_500;

/** A run of the topology as it was last provisioned, in which parts bring new certificates and nothing else. */
export async function renewCerts(context: Context, choice: Choice, options: RenewOptions): Promise<number> {
  const { topology: known } = await chooseTopology(context, choice);
  if (options.printUnit === true) return printUnit(context, unitFor(known.name));
  const only = onlyOf(known, options.only);
  if (options.plan !== true && options.yes !== true) mustBeAbleToAsk(context.io, 'certs renew');
  const withinDays = options.all === true ? ALL_DAYS : options.within;
  const topology: Topology = { ...known, renewal: { alone: true, ...given({ withinDays }) } };
  return withTemporal(context, async (temporal) => {
    await refuseDuringTeardown(temporal, topology.name);
    const input: RunInput = limitedTo({ topology: packTopology(topology), trustOnFirstUse: false }, only);
    const started = await startOrAttach(temporal, {
      workflow: PLAN_WORKFLOW,
      workflowId: planWorkflowId(topology.name),
      topology,
      input,
      summary: summaryOf('planRenewal', topology, only),
    });
    const again = `the plan is still being made; see it with: ${commandLine(`certs renew ${topology.name} --plan`)}`;
    const outcome = await follow<PlanSummary>(context, temporal, started, again);
    const renewal = { context, temporal, topology, options };
    return conclude(context, outcome, (summary) => afterPlan(renewal, { summary, started }));
  });
}

async function afterPlan(renewal: Renewal, planned: Planned): Promise<number> {
  const { context, temporal, topology, options } = renewal;
  const { summary, started } = planned;
  const pages = () => planPages(temporal.client, started.handle, summary);
  const isUnknown = summary.unfit.length + summary.unreached.length > 0;
  const isNothing = summary.clusters.length === 0 && summary.unreached.length === 0;
  if (options.json !== true && !(isNothing && !isUnknown)) await printPlan(context, summary, pages(), false);
  if (isNothing || options.plan === true) {
    if (options.json === true) printJson(context.io, { plan: { ...summary, plans: await allOf(pages()) } });
    else if (!isUnknown && isNothing) await tellNothing(context, topology);
    return isUnknown ? EXIT_FAILED : isNothing ? 0 : EXIT_CHANGES;
  }
  if (options.yes !== true && !(await confirm(context.io, 'renew them?'))) {
    say(context.io, 'nothing was renewed');
    return EXIT_FAILED;
  }
  const code = await run(renewal, summary);
  return summary.unfit.length > 0 ? EXIT_FAILED : code;
}

async function tellNothing(context: Context, { name }: Topology): Promise<void> {
  const [first] = await storedEnds(context, name);
  const when =
    first === undefined ? '' : `; the next one of ours ends on ${new Date(first.notAfter).toISOString().slice(0, 10)}`;
  say(context.io, `nothing to renew${when}; see all: ${commandLine(`certs list ${name}`)}`);
}

/** Of the leaves only those with something to renew, and those that did not respond to the look. */
async function run({ context, temporal, topology, options }: Renewal, summary: PlanSummary): Promise<number> {
  const { io, style } = context;
  const began = Date.now();
  const before = await storedEnds(context, topology.name);
  const wanted = new Set([...summary.clusters, ...summary.unreached].map(({ cluster }) => cluster));
  const only = topology.leaves.map(({ name }) => name).filter((leaf) => wanted.has(leaf));
  const input: ProvisionInput = { topology: packTopology(topology), trustOnFirstUse: false, only };
  const started = await startOrAttach(temporal, {
    workflow: PROVISION_WORKFLOW,
    workflowId: provisionWorkflowId(topology.name),
    topology,
    input,
    summary: summaryOf('renew', topology, only),
  });
  if (!started.attached) await giveWay(temporal, topology.name, 'teardown');
  const outcome = await follow<ProvisionResult>(context, temporal, started, comeBack(topology.name));
  return conclude(
    context,
    outcome,
    async (result) => {
      const after = await storedEnds(context, topology.name);
      const certificates = await endingCertificates(context, topology.name, () => Promise.resolve(topology));
      if (options.json === true) printJson(io, { plan: summary, result, certificates });
      else say(io, renderRenewal({ topology, result, before, after, tookMs: Date.now() - began }, style));
      return result.state === 'done' ? 0 : EXIT_FAILED;
    },
    stateStays(topology.name),
  );
}
