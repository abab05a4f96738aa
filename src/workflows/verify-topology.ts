import * as wf from '@temporalio/workflow';
import type { Activities } from '../activities/activities.js';
import { addCounts, countChecks, failedChecks, type CheckCounts, type CheckResult } from '../contract/checks.js';
import { resultsQuery } from '../contract/messages.js';
import { unpackTopology } from '../contract/packed-topology.js';
import type { VerifyInput, VerifyResult } from '../contract/runs.js';
import { hostOf, hubScope, leafScope, type Scope } from '../contract/scope.js';
import { PROOF } from './run/activity-options.js';
import { toStatusError } from './run/failures.js';
import { pageOf } from './run/pages.js';
import { Run } from './run/run.js';
import { waves } from './run/waves.js';

const proof = wf.proxyActivities<Activities>(PROOF);

const NO_CHECKS: CheckCounts = { passed: 0, failed: 0, warned: 0, skipped: 0 };
const MAX_FAILED = 200;
const MAX_FAILED_CLUSTERS = 100;

/** Runs every check and changes nothing. The hub and leaves are checked side by side, so many leaves at once as the rollout says. */
export async function VerifyTopology({ topology: packed, only }: VerifyInput): Promise<VerifyResult> {
  const topology = unpackTopology(packed);
  const { leaves, ...settings } = topology;
  const run = new Run(topology.name, ['verify']);
  const scopes = new Map<string, Scope>(
    [hubScope(topology), ...leaves.map((leaf) => leafScope(settings, leaf))]
      .map((scope): [string, Scope] => [scope.cluster.name, scope])
      .filter(([name]) => only === undefined || only.includes(name)),
  );
  const results = new Map<string, CheckResult[]>();
  const failedClusters: VerifyResult['failedClusters'][number][] = [];
  wf.setHandler(resultsQuery, (request) =>
    pageOf([...scopes.keys()], request, (cluster) => {
      const found = results.get(cluster);
      return found && { cluster, results: found };
    }),
  );
  const work = async (cluster: string): Promise<boolean> => {
    const scope = scopes.get(cluster);
    if (scope === undefined) return true;
    const place = { id: `checks/${cluster}`, title: 'run every check', cluster, host: hostOf(scope).name };
    try {
      const { results: found } = await run.entry('verify', { ...place, passing: scopes.size > 10 }, (call) =>
        proof['check cluster'].executeWithOptions(call, [{ scope }]),
      );
      results.set(cluster, found);
      run.addChecks(countChecks(found), failedChecks(found));
      return true;
    } catch (error) {
      if (wf.isCancellation(error)) throw error;
      failedClusters.push({ cluster, error: toStatusError(error) });
      return false;
    }
  };
  try {
    await run.phase('verify', () =>
      waves([...scopes.keys()], {
        rollout: { ...topology.rollout, canary: 0, maxFailures: '100%' },
        total: scopes.size,
        failed: 0,
        mustDrain: () => false,
        work,
      }),
    );
    const checks = [...results.values()].map(countChecks).reduce(addCounts, NO_CHECKS);
    const failed = [...results.values()].flatMap(failedChecks).slice(0, MAX_FAILED);
    run.finish(checks.failed === 0 && failedClusters.length === 0 ? 'done' : 'degraded');
    return { checks, failedChecks: failed, failedClusters: failedClusters.slice(0, MAX_FAILED_CLUSTERS) };
  } catch (error) {
    run.finishWith(error);
    throw error;
  }
}
