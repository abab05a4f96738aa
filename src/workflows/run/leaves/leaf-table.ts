import * as wf from '@temporalio/workflow';
import { leavesQuery } from '../../../contract/messages.js';
import type { LeafCounts, LeafPage, LeafPageRequest, LeafRow, LeafState } from '../../../contract/status.js';
import type { Run } from '../run.js';
import { toStatusError } from '../status/failures.js';
import { fitting, withFittingErrors } from './sizes.js';

/** Rows that a status or a result carries in full; pages have the rest. */
const MAX_ROWS = 100;
const MAX_PAGE = 200;

/** One row for each leaf of a run. The status knows counts and failures, the `leaves` query has pages of the rest. */
export class LeafTable {
  readonly #run: Run;
  readonly #rows: Map<string, LeafRow>;

  constructor(run: Run, leaves: readonly string[], carried: readonly LeafRow[] = []) {
    this.#run = run;
    const known = new Map(carried.map((row) => [row.cluster, row]));
    this.#rows = new Map(leaves.map((cluster) => [cluster, known.get(cluster) ?? { cluster, state: 'pending' }]));
    wf.setHandler(leavesQuery, (request) => this.#page(request), { description: 'the table of leaves, by pages' });
    this.#publish();
  }

  /** Rows of the leaves that are over, in short. */
  get carried(): LeafRow[] {
    const over = [...this.#rows.values()].filter(({ state }) => state !== 'pending');
    return withFittingErrors(over).map(({ cluster, state, changed, failedChecks, error }) => ({
      cluster,
      state,
      ...(changed === undefined ? {} : { changed }),
      ...(failedChecks === undefined ? {} : { failedChecks }),
      ...(error === undefined ? {} : { error }),
    }));
  }

  get counts(): LeafCounts {
    const counts: LeafCounts = { total: 0, pending: 0, running: 0, done: 0, failed: 0, unchanged: 0, skipped: 0 };
    for (const { state } of this.#rows.values()) {
      counts[state] += 1;
      counts.total += 1;
    }
    return counts;
  }

  get failed(): LeafRow[] {
    const failed = [...this.#rows.values()].filter(({ state }) => state === 'failed');
    return fitting(failed, MAX_ROWS);
  }

  named(state: LeafState): string[] {
    return [...this.#rows.values()].filter((row) => row.state === state).map(({ cluster }) => cluster);
  }

  set(cluster: string, state: LeafState, more: Omit<Partial<LeafRow>, 'cluster' | 'state'> = {}): void {
    const row = this.#rows.get(cluster);
    if (row === undefined) return;
    const times =
      state === 'running' ? { startedAt: Date.now() } : row.startedAt === undefined ? {} : { endedAt: Date.now() };
    this.#rows.set(cluster, { ...row, ...times, ...more, state });
    this.#publish();
  }

  fail(cluster: string, error: unknown): void {
    this.set(cluster, 'failed', { error: toStatusError(error) });
  }

  #publish(): void {
    const { status } = this.#run;
    status.leaves = this.counts;
    status.failedLeaves = this.failed;
    this.#run.publish();
  }

  #page({ state, offset, limit }: LeafPageRequest): LeafPage {
    const rows = [...this.#rows.values()].filter((row) => state === undefined || row.state === state);
    return { total: rows.length, rows: withFittingErrors(rows.slice(offset, offset + Math.min(limit, MAX_PAGE))) };
  }
}
