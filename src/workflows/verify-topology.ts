import * as wf from '@temporalio/workflow';
import type { Activities } from '../activities/activities.js';
import { addCounts, countChecks, failedChecks, type CheckCounts, type CheckResult } from '../contract/checks.js';
import { resultsQuery } from '../contract/messages.js';
import { unpackTopology } from '../contract/topology/packed-topology.js';
import type { ClusterError, VerifyInput, VerifyResult } from '../contract/runs.js';
import { hostOf, hubScope, leafScope, settingsOf, type Scope } from '../contract/topology/scope.js';
import type { Rollout } from '../contract/topology/topology.js';
import { PROOF } from './run/activity-options.js';
import { toStatusError } from './run/status/failures.js';
import { pageOf } from './run/leaves/pages.js';
import { Run } from './run/run.js';
import { fitting } from './run/leaves/sizes.js';
import { waves } from './run/leaves/waves.js';

const proof = wf.proxyActivities<Activities>(PROOF);

const NO_CHECKS: CheckCounts = { passed: 0, failed: 0, warned: 0, skipped: 0 };
const MAX_FAILED = 200;
const MAX_FAILED_CLUSTERS = 100;

/** Runs every check and changes nothing. The hub and leaves are checked side by side, so many at once as the rollout says. */
export async function VerifyTopology({ topology: packed, only, ...which }: VerifyInput): Promise<VerifyResult> {
  const topology = unpackTopology(packed);
  const scopes = new Map(
    [hubScope(topology), ...topology.leaves.map((leaf) => leafScope(settingsOf(topology), leaf))]
      .filter(({ cluster: { name } }) => only === undefined || only.includes(name))
      .map((scope) => [scope.cluster.name, scope]),
  );
  const verification = new Verification(new Run(topology.name, ['verify']), scopes, which);
  return verification.over(topology.rollout);
}

type Which = Pick<VerifyInput, 'soon' | 'standing'>;

/** The results so far, cluster by cluster. */
class Verification {
  readonly #run: Run;
  readonly #scopes: ReadonlyMap<string, Scope>;
  readonly #which: Which;
  readonly #results = new Map<string, CheckResult[]>();
  readonly #failed: ClusterError[] = [];

  constructor(run: Run, scopes: ReadonlyMap<string, Scope>, which: Which) {
    this.#run = run;
    this.#scopes = scopes;
    this.#which = which;
    wf.setHandler(resultsQuery, (request) =>
      pageOf([...scopes.keys()], request, (cluster) => {
        const results = this.#results.get(cluster);
        return results && { cluster, results };
      }),
    );
  }

  async over(rollout: Rollout): Promise<VerifyResult> {
    const rules = { rollout: { ...rollout, canary: 0, maxFailures: '100%' }, total: this.#scopes.size, failed: 0 };
    try {
      await this.#run.phase('verify', () =>
        waves([...this.#scopes.keys()], {
          ...rules,
          mustDrain: () => false,
          work: async (cluster) => {
            const scope = this.#scopes.get(cluster);
            return scope === undefined || (await this.#check(scope));
          },
        }),
      );
      return this.#finish();
    } catch (error) {
      this.#run.finishWith(error);
      throw error;
    }
  }

  async #check(scope: Scope): Promise<boolean> {
    const { cluster, name: host } = hostOf(scope);
    const passing = this.#scopes.size > 10;
    const place = { id: `checks/${cluster}`, title: 'run every check', cluster, host, passing };
    try {
      const { results } = await this.#run.entry('verify', place, (call) =>
        proof['check cluster'].executeWithOptions(call, [{ scope, ...this.#which }]),
      );
      this.#results.set(cluster, results);
      this.#run.addChecks(countChecks(results), failedChecks(results));
      return true;
    } catch (error) {
      if (wf.isCancellation(error)) throw error;
      this.#failed.push({ cluster, error: toStatusError(error) });
      return false;
    }
  }

  #finish(): VerifyResult {
    const all = [...this.#results.values()];
    const checks = all.map(countChecks).reduce(addCounts, NO_CHECKS);
    this.#run.finish(checks.failed === 0 && this.#failed.length === 0 ? 'done' : 'degraded');
    return {
      checks,
      failedChecks: fitting(all.flatMap(failedChecks), MAX_FAILED),
      failedClusters: fitting(this.#failed, MAX_FAILED_CLUSTERS),
    };
  }
}
