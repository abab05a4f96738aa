import { condition, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities/activities.js';
import type { CheckResult } from '../../contract/checks.js';
import type { ClusterInput } from '../../contract/runs.js';
import { hostOf, isHub, type Scope } from '../../contract/topology/scope.js';
import { PROOF } from './activity-options.js';
import { report, WHOLE_HUB, type Progress } from './status/progress.js';
import type { Run } from './run.js';

const proof = proxyActivities<Activities>(PROOF);

/** The checks that take seconds of their own, started while other parts are still at work. */
export class SoonChecks {
  readonly #run: Run;
  readonly #scope: Scope;
  #started: Promise<CheckResult[]> | undefined;

  constructor(run: Run, { scope }: ClusterInput) {
    this.#run = run;
    this.#scope = scope;
  }

  start(): void {
    this.#started ??= check(this.#run, { id: 'checks-soon', title: 'run the slow checks' }, this.#scope, {
      soon: true,
    });
    // Whoever asks for the results gets the error.
    this.#started.catch(() => undefined);
  }

  get started(): boolean {
    return this.#started !== undefined;
  }

  async results(): Promise<CheckResult[]> {
    return (await this.#started) ?? [];
  }
}

/** The checks of a leaf go through the hub, so the hub comes first. */
export async function prove(
  run: Run,
  progress: Progress,
  { scope }: ClusterInput,
  soon: SoonChecks,
): Promise<CheckResult[]> {
  const { cluster } = hostOf(scope);
  if (!progress.isOpen('verify')) await report({ cluster, waitsFor: 'verify' });
  await condition(() => progress.isOpen('verify') && (isHub(scope) || progress.hasHubPart(WHOLE_HUB)));
  return run.phase('verify', async () => {
    const which = soon.started ? { soon: false } : {};
    const [results, early] = await Promise.all([
      check(run, { id: 'checks', title: 'run every check' }, scope, which),
      soon.results(),
    ]);
    return [...early, ...results];
  });
}

async function check(
  run: Run,
  about: { id: string; title: string },
  scope: Scope,
  which: { soon?: boolean },
): Promise<CheckResult[]> {
  const { cluster, name: host } = hostOf(scope);
  const { results } = await run.entry('verify', { ...about, cluster, host }, (call) =>
    proof['check cluster'].executeWithOptions(call, [{ scope, ofRun: true, ...which }]),
  );
  return results;
}
