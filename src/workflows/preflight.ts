import { ApplicationFailure, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.js';
import type { Plan } from '../contract/runs.js';
import type { HostFacts } from '../domain/hosts/facts.js';
import { portsNeeded, reachNeeded } from '../domain/plan/requirements.js';
import { hostsOf, type Host, type Topology } from '../domain/topology/types.js';
import { LOOK } from './activity-options.js';
import { explained, isPermanent } from './failures.js';
import type { Run } from './run.js';

const look = proxyActivities<Activities>(LOOK);

/**
 * Facts of every host, side by side, then the plan. Nothing is changed. What the user must mend ends the run and is
 * reported for all hosts at once; a leaf that cannot be reached for now drops out.
 */
export async function preflight(run: Run, topology: Topology, trustOnFirstUse: boolean): Promise<Plan> {
  const artifacts = run.step('preflight', { id: 'artifacts', title: 'read the list of artifacts' }, (call) =>
    look.verifyArtifacts.executeWithOptions(call, [{ source: topology.artifacts, k3sVersion: topology.k3s.version }]),
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
  const forUser = failures.filter((failure) => isPermanent(failure));
  if (forUser.length > 1) throw together(forUser);
  if (forUser.length === 1) throw forUser[0];
  if (artifactsRead.status === 'rejected') throw artifactsRead.reason;

  const facts: HostFacts[] = [];
  for (const [index, outcome] of inspected.entries()) {
    if (outcome.status === 'fulfilled') facts.push(outcome.value);
    else if (hosts[index]?.cluster === topology.broker.name) throw outcome.reason;
    else run.dropLeaf(hosts[index]?.cluster ?? '', outcome.reason);
  }
  const { plan } = await run.step('preflight', { id: 'plan', title: 'make the plan' }, (call) =>
    look.planRun.executeWithOptions(call, [{ topology, facts }]),
  );
  run.planDigest = plan.digest;
  return plan;
}

/** One failure that says everything that the user must mend. */
function together(failures: unknown[]): ApplicationFailure {
  const known = failures.map(explained).filter((failure) => failure !== undefined);
  const [first] = known;
  return ApplicationFailure.nonRetryable(
    known.map((failure) => failure.message).join('\n'),
    first?.type ?? 'PREFLIGHT_FAILED',
    ...(first?.details ?? []),
  );
}
