import { ApplicationFailure, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.js';
import { countChecks, failedChecks } from '../contract/checks.js';
import { PHASES } from '../contract/phases.js';
import { countsOf, isEmpty, stepsOf, type ClusterPlan, type PartPlan, type Step } from '../contract/plan.js';
import type { ClusterInput, ClusterResult } from '../contract/runs.js';
import { hostOf, isHub } from '../contract/topology/scope.js';
import { shortDigest } from '../domain/plan/digest.js';
import { LOOK } from './run/activity-options.js';
import { dueParts } from './run/due-parts.js';
import { ensurePart } from './run/part-activities.js';
import { PhaseClock } from './run/status/phase-clock.js';
import { Progress, report, WHOLE_HUB } from './run/status/progress.js';
import { prove, SoonChecks } from './run/proof.js';
import { Run } from './run/run.js';
import { walk } from './run/walk.js';

const look = proxyActivities<Activities>(LOOK);

/** One cluster, from bare host to its own proof. The plan is the work: its parts are walked in the order of their needs. */
export async function ProvisionCluster(input: ClusterInput): Promise<ClusterResult> {
  const { settings, cluster } = input.scope;
  const run = new Run(settings.name, PHASES, cluster.name);
  const progress = new Progress(input);
  try {
    const plan = input.plan ?? (await makePlan(run, input));
    refuseOther(plan, input);
    const soon = new SoonChecks(run, input);
    const steps = await walkParts(run, progress, input, plan, soon);
    if (isHub(input.scope)) await report({ cluster: cluster.name, parts: [WHOLE_HUB] });
    const results = await prove(run, progress, input, soon);
    const failed = failedChecks(results);
    run.addChecks(countChecks(results), failed);
    run.finish(failed.length === 0 ? 'done' : 'degraded');
    return { changed: countsOf(steps), checks: countChecks(results), failedChecks: run.status.failedChecks };
  } catch (error) {
    run.finishWith(error);
    throw error;
  }
}

function makePlan(run: Run, { scope, trustOnFirstUse }: ClusterInput): Promise<ClusterPlan> {
  const { cluster, name: host } = hostOf(scope);
  const place = { id: 'plan', title: 'look at every part', cluster, host };
  return run.phase('preflight', () =>
    run.entry('preflight', place, (call) =>
      look['plan cluster'].executeWithOptions(call, [{ scope, trustOnFirstUse }]),
    ),
  );
}

/** Where the approved plan itself travels, each part compares its own steps. @throws ApplicationFailure PLAN_CHANGED */
function refuseOther(made: ClusterPlan, { approvedDigest, plan, scope }: ClusterInput): void {
  if (approvedDigest === undefined || plan !== undefined) return;
  if (isEmpty(made) || shortDigest(made) === approvedDigest) return;
  const lines = stepsOf(made).map(({ verb, object }) => `  ${verb} ${object}`);
  throw ApplicationFailure.nonRetryable(
    `${hostOf(scope).name}: the plan is not the one that was approved; it is now:\n${lines.join('\n')}`,
    'PLAN_CHANGED',
    { docs: 'plan-changed', hint: 'run plan, read it, then run provision again and approve that plan' },
  );
}

async function walkParts(
  run: Run,
  progress: Progress,
  { scope, approvedDigest }: ClusterInput,
  plan: ClusterPlan,
  soon: SoonChecks,
): Promise<Step[]> {
  const due = dueParts(plan.parts);
  const { cluster, name: host } = hostOf(scope);
  const clock = new PhaseClock(run, due);
  const taken: Step[] = [];
  const ensure = async ({ part, title, phase, steps, awaited, checkedSoon }: PartPlan): Promise<void> => {
    const approved = approvedDigest === undefined ? {} : { approved: steps };
    const done = await run.entry(phase, { id: part, title, cluster, host }, (call) =>
      ensurePart(part).executeWithOptions(call, [{ scope, ...approved }]),
    );
    taken.push(...done.steps);
    if (checkedSoon === true) soon.start();
    if (awaited === true) await report({ cluster, parts: [part] });
  };
  // What is in place on the hub already is reported at once, so that no leaf waits for it.
  const inPlace = plan.parts.filter(
    ({ part, awaited }) => awaited === true && !due.some((other) => other.part === part),
  );
  if (inPlace.length > 0) await report({ cluster, parts: inPlace.map(({ part }) => part) });
  await walk(due, {
    act: (part) => clock.during(part.phase, () => ensure(part)),
    mayStart: ({ needsHub }) => !run.paused && needsHub.every((part) => progress.hasHubPart(part)),
    isOpen: (phase) => progress.isOpen(phase),
    waitsFor: (phase) => report({ cluster, waitsFor: phase }),
  });
  return taken;
}
