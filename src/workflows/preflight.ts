import { ApplicationFailure, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.js';
import type { FailureDetails } from '../contract/errors.js';
import type { Plan } from '../contract/runs.js';
import type { HostFacts } from '../domain/hosts/facts.js';
import { portsNeeded, reachNeeded } from '../domain/plan/requirements.js';
import { hostsOf, type Host, type Topology } from '../contract/topology.js';
import { LOOK } from './activity-options.js';
import { explained, isPermanent } from './failures.js';
import { linkModeOf } from './link-modes.js';
import type { Run } from './run.js';
import { wantedParts } from '../domain/artifacts/missing.js';

const look = proxyActivities<Activities>(LOOK);

/**
 * Facts of every host, side by side, then the plan. Nothing is changed. What the user must mend ends the run and is
 * reported for all hosts at once; a leaf that cannot be reached for now drops out.
 */
export async function preflight(run: Run, topology: Topology, trustOnFirstUse: boolean): Promise<Plan> {
  const artifacts = run.step('preflight', { id: 'artifacts', title: 'read the list of artifacts' }, (call) =>
    look.verifyArtifacts.executeWithOptions(call, [
      { source: topology.artifacts, wanted: wantedParts(topology, linkModeOf(topology).images(topology)) },
    ]),
  );
  const inspect = (host: Host): Promise<HostFacts> =>
    run.step(
      'preflight',
      { id: `inspect/${host.name}`, title: 'inspect', cluster: host.cluster, host: host.name },
      (call) =>
        look.inspectHost.executeWithOptions(call, [
          { host, ports: portsNeeded(topology, host), reach: reachNeeded(topology, host), trustOnFirstUse },
        ]),
    );
  const hosts = hostsOf(topology);
  const [artifactsRead, ...inspected] = await Promise.allSettled([artifacts, ...hosts.map(inspect)]);

  const failures = [artifactsRead, ...inspected]
    .filter((outcome) => outcome.status === 'rejected')
    .map((outcome) => outcome.reason as unknown);
  for (const failure of failures) if (isCancellation(failure)) throw failure;
  const facts = inspected.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const makePlan = (): Promise<{ plan: Plan }> =>
    run.step('preflight', { id: 'plan', title: 'make the plan' }, (call) =>
      look.planRun.executeWithOptions(call, [{ topology, facts }]),
    );
  const forUser = failures.filter((failure) => isPermanent(failure));
  if (forUser.length > 0) {
    // What was seen on the other hosts is judged too, so that the user learns of everything at once.
    if (facts.length > 0) await makePlan().catch((error: unknown) => forUser.push(error));
    throw together(forUser);
  }
  if (artifactsRead.status === 'rejected') throw artifactsRead.reason;
  for (const [index, outcome] of inspected.entries()) {
    if (outcome.status === 'fulfilled') continue;
    const cluster = hosts[index]?.cluster ?? '';
    if (cluster === topology.broker.name) throw outcome.reason;
    run.dropLeaf(cluster, outcome.reason);
  }
  const { plan } = await makePlan();
  run.planDigest = plan.digest;
  return plan;
}

/** One failure that says everything that the user must mend. */
function together(failures: unknown[]): ApplicationFailure {
  const known = failures.map(explained).filter((failure) => failure !== undefined);
  const details = known.map((failure) => (failure.details?.[0] ?? {}) as Partial<FailureDetails>);
  const remedies = [...new Set(details.map(({ remedy }) => remedy).filter((remedy) => remedy !== undefined))];
  const hint = details[0]?.hint ?? 'preflight-failed';
  return ApplicationFailure.nonRetryable(
    known.map((failure) => failure.message).join('\n'),
    known[0]?.type ?? 'PREFLIGHT_FAILED',
    { hint, ...(remedies.length === 0 ? {} : { remedy: remedies.join('\n') }) },
  );
}
