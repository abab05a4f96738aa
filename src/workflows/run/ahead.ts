import * as wf from '@temporalio/workflow';
import type { Activities } from '../../activities/activities.js';
import { countChecks, failedChecks, type CheckResult } from '../../contract/checks.js';
import type { ClusterError, RunInput, VerifyResult } from '../../contract/runs.js';
import { hubScope, leafScope, settingsOf, type Scope } from '../../contract/topology/scope.js';
import type { Topology } from '../../contract/topology/topology.js';
import { FIRST_LOOK, PROOF } from './activity-options.js';
import { selected } from './leaves/selection.js';
import { toStatusError } from './status/failures.js';

const look = wf.proxyActivities<Activities>(FIRST_LOOK);
const proof = wf.proxyActivities<Activities>(PROOF);

/** Of more leaves, such checks would hold up the looks that make the plan. */
const MAX_LEAVES = 10;

interface Ahead {
  scope: Scope;
  /** undefined: not to be had yet. */
  results: Promise<CheckResult[] | undefined>;
}

/** The slow checks, begun beside the look at every host: they count when it finds nothing to do. */
export class ChecksAhead {
  readonly #cancellation = new wf.CancellationScope();
  readonly #clusters: ReadonlyMap<string, Ahead>;

  constructor(topology: Topology, { only, trustOnFirstUse }: RunInput) {
    const settings = settingsOf(topology);
    const leaves = selected(topology.leaves, only);
    const scopes =
      leaves.length <= MAX_LEAVES && wf.patched('slow-checks-ahead')
        ? [hubScope(topology), ...leaves.map((leaf) => leafScope(settings, leaf))]
        : [];
    this.#clusters = new Map(
      scopes.map((scope) => [scope.cluster.name, { scope, results: this.#begin(scope, trustOnFirstUse) }]),
    );
  }

  /** Something is to be done, so what they see may not be true in the end. */
  cancel(): void {
    this.#cancellation.cancel();
  }

  /** Whether the slow checks of all these clusters have begun. */
  cover(clusters: readonly string[]): boolean {
    return !this.#cancellation.consideredCancelled && clusters.every((cluster) => this.#clusters.has(cluster));
  }

  async results(clusters: readonly string[]): Promise<VerifyResult> {
    const failedClusters: ClusterError[] = [];
    const results = await Promise.all(
      clusters.map(async (cluster) => {
        try {
          return await this.#resultsOf(cluster);
        } catch (error) {
          if (wf.isCancellation(error)) throw error;
          failedClusters.push({ cluster, error: toStatusError(error) });
          return [];
        }
      }),
    );
    const all = results.flat();
    return { checks: countChecks(all), failedChecks: failedChecks(all), failedClusters };
  }

  async #resultsOf(cluster: string): Promise<CheckResult[]> {
    const ahead = this.#clusters.get(cluster);
    if (ahead === undefined) return [];
    return (await ahead.results) ?? (await proof['check cluster']({ scope: ahead.scope, soon: true })).results;
  }

  async #begin(scope: Scope, trustOnFirstUse: boolean): Promise<CheckResult[] | undefined> {
    const options = { summary: `run the slow checks of ${scope.cluster.name}` };
    try {
      const { results } = await this.#cancellation.run(() =>
        look['check cluster ahead'].executeWithOptions(options, [{ scope, trustOnFirstUse }]),
      );
      return results;
    } catch {
      return undefined;
    }
  }
}
