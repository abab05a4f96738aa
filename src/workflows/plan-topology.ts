import * as wf from '@temporalio/workflow';
import type { Activities } from '../activities/activities.js';
import { planQuery } from '../contract/messages.js';
import { unpackTopology } from '../contract/topology/packed-topology.js';
import { countsOf, isEmpty, stepsOf, sumOf, type ClusterPlan } from '../contract/plan.js';
import type { ClusterSummary, PlanSummary, RunInput } from '../contract/runs.js';
import { hostOf, hubScope, leafScope, settingsOf, type Scope } from '../contract/topology/scope.js';
import type { Topology } from '../contract/topology/topology.js';
import { shortDigest } from '../domain/plan/digest.js';
import { tooMany } from './run/leaves/allowance.js';
import { LOOK, FIRST_LOOK } from './run/activity-options.js';
import { asFailure, isPermanent, together, toStatusError } from './run/status/failures.js';
import { pageOf } from './run/leaves/pages.js';
import { Run } from './run/run.js';
import { selected } from './run/leaves/selection.js';
import { withFittingErrors } from './run/leaves/sizes.js';
import { waves } from './run/leaves/waves.js';

const look = wf.proxyActivities<Activities>(LOOK);
const lookOnce = wf.proxyActivities<Activities>(FIRST_LOOK);

/** Looks at once: a look is short, and the worker limits logins. */
const LOOKS = 100;
/** Characters of JSON up to which the plans travel as one payload. */
const MAX_PLANS = 120_000;
/** Problems that one message lists. */
const MAX_PROBLEMS = 20;

interface Looks {
  plans: Map<string, ClusterPlan>;
  failures: { cluster: string; error: unknown }[];
}

/** What a run would do, cluster by cluster. Changes nothing. */
export async function PlanTopology({ topology: packed, only, trustOnFirstUse }: RunInput): Promise<PlanSummary> {
  const topology = unpackTopology(packed);
  const run = new Run(topology.name, ['preflight']);
  const leaves = selected(topology.leaves, only);
  const looks: Looks = { plans: new Map(), failures: [] };
  const order = [topology.broker.name, ...leaves.map(({ name }) => name)];
  wf.setHandler(planQuery, (request) => pageOf(order, request, (cluster) => looks.plans.get(cluster)));
  try {
    const summary = await run.phase('preflight', async () => {
      await lookAtAll(run, topology, leaves, looks, trustOnFirstUse);
      leaveOutTwins(looks, order);
      looks.failures.sort((left, right) => order.indexOf(left.cluster) - order.indexOf(right.cluster));
      refuseUnfit(topology, looks);
      return summarize(run, looks, order);
    });
    run.status.planDigest = summary.digest;
    run.status.planCounts = summary.counts;
    run.finish('done');
    return summary;
  } catch (error) {
    run.finishWith(error);
    throw error;
  }
}

async function lookAtAll(
  run: Run,
  topology: Topology,
  leaves: Topology['leaves'],
  { plans, failures }: Looks,
  trustOnFirstUse: boolean,
): Promise<void> {
  const settings = settingsOf(topology);
  const see = async (scope: Scope, patience: typeof look, input: { hasty?: true } = {}): Promise<boolean> => {
    const { cluster, name: host } = hostOf(scope);
    try {
      const place = { id: `plan/${cluster}`, title: 'look at every part', cluster, host, passing: leaves.length > 10 };
      const plan = await run.entry('preflight', place, (call) =>
        patience['plan cluster'].executeWithOptions(call, [{ scope, trustOnFirstUse, ...input }]),
      );
      plans.set(cluster, plan);
      return true;
    } catch (error) {
      if (wf.isCancellation(error)) throw error;
      failures.push({ cluster, error });
      return false;
    }
  };
  const scopes = new Map(leaves.map((leaf) => [leaf.name, leafScope(settings, leaf)]));
  const verifyArtifacts = run.entry('preflight', { id: 'artifacts', title: 'check the artifacts' }, (call) =>
    look['verify artifacts'].executeWithOptions(call, [{ scope: hubScope(topology) }]),
  );
  const [artifacts] = await Promise.allSettled([
    verifyArtifacts,
    see(hubScope(topology), look),
    waves([...scopes.keys()], {
      rollout: { concurrency: LOOKS, canary: 0, maxFailures: '100%' },
      total: leaves.length,
      failed: 0,
      mustDrain: () => false,
      work: (leaf) => see(scopes.get(leaf) ?? hubScope(topology), lookOnce, { hasty: true }),
    }),
  ]);
  if (artifacts.status === 'rejected') failures.unshift({ cluster: topology.broker.name, error: artifacts.reason });
}

/** One machine under two addresses: two configurations would fight over it. The cluster that is named first keeps it. */
function leaveOutTwins({ plans, failures }: Looks, order: readonly string[]): void {
  const owners = new Map<string, ClusterPlan>();
  for (const plan of order.flatMap((cluster) => plans.get(cluster) ?? [])) {
    if (plan.machine === undefined) continue;
    const owner = owners.get(plan.machine);
    owners.set(plan.machine, owner ?? plan);
    if (owner === undefined) continue;
    plans.delete(plan.cluster);
    failures.push({
      cluster: plan.cluster,
      error: asFailure({
        code: 'PREFLIGHT_FAILED',
        message: `${plan.host}: is the same machine as ${owner.host} of cluster "${owner.cluster}"`,
        docs: 'preflight-failed',
        hint: 'a host runs one cluster: correct ssh.address of one of the two, or leave one out',
      }),
    });
  }
}

/** What the user must fix is reported for all hosts at once, unless so few leaves have it that the others need not wait. */
function refuseUnfit({ broker, rollout, leaves }: Topology, { failures }: Looks): void {
  const permanent = failures.filter(({ error }) => isPermanent(error));
  const ofHub = failures.filter(({ cluster }) => cluster === broker.name);
  if (ofHub.some(({ error }) => isPermanent(error)) || tooMany(permanent.length, rollout, leaves.length))
    throw together(permanent.slice(0, MAX_PROBLEMS).map(({ error }) => error));
  if (ofHub[0] !== undefined) throw ofHub[0].error;
}

async function summarize(run: Run, { plans, failures }: Looks, order: readonly string[]): Promise<PlanSummary> {
  const all = order.flatMap((cluster) => plans.get(cluster) ?? []);
  const busy = all.filter((plan) => !isEmpty(plan));
  const clusters = busy.map(summaryOf);
  const digests = all.map(({ cluster, digest }) => `${cluster} ${digest}`);
  const { digest } = await run.entry('preflight', { id: 'digest', title: 'make the plan' }, (call) =>
    look['digest plan'].executeWithOptions(call, [{ digests }]),
  );
  const warnings = all.flatMap(({ cluster, host, warnings: seen = [] }) =>
    seen.length === 0 ? [] : [{ cluster, host, warnings: seen }],
  );
  const reported = ({ cluster, error }: { cluster: string; error: unknown }) => ({
    cluster,
    error: toStatusError(error),
  });
  return {
    digest,
    counts: sumOf(clusters.map(({ counts }) => counts)),
    clusters,
    unchanged: all.length - busy.length,
    unfit: withFittingErrors(failures.filter(({ error }) => isPermanent(error)).map(reported)),
    unreached: withFittingErrors(failures.filter(({ error }) => !isPermanent(error)).map(reported)),
    ...(warnings.length === 0 ? {} : { warnings: warnings.slice(0, MAX_PROBLEMS) }),
    ...(JSON.stringify(busy).length > MAX_PLANS ? {} : { plans: busy }),
  };
}

function summaryOf(plan: ClusterPlan): ClusterSummary {
  const { cluster, host, state, parts } = plan;
  const unseen = parts.some((part) => part.unseen !== undefined);
  const counts = countsOf(stepsOf(plan));
  return { cluster, host, state, counts, digest: shortDigest(plan), ...(unseen ? { unseen } : {}) };
}
