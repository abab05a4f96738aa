import * as wf from '@temporalio/workflow';
import type { Rollout } from '../../../contract/topology/topology.js';
import { tooMany } from './allowance.js';

export interface WaveRules {
  rollout: Rollout;
  /** Leaves of the whole run, of which shares are taken. */
  total: number;
  /** Leaves that failed before. */
  failed: number;
  /** Works on one leaf; false: it failed. Throws only what stops the run, such as a cancellation. */
  work(leaf: string): Promise<boolean>;
  /** Asked before each start: true drains the wave, and the rest is left for later. */
  mustDrain(): boolean;
}

export interface WaveOutcome {
  /** Leaves that were not started. */
  left: string[];
  /** Too many have failed for the rest to start. */
  stopped: boolean;
}

/** So few leaves that a canary would only cost time. */
const SMALL = 2;

/**
 * Goes over leaves: the canaries first, then so many at once as the rollout says. A leaf that fails does not delay the
 * others; too many that fail stop the rollout.
 */
export async function waves(leaves: readonly string[], rules: WaveRules): Promise<WaveOutcome> {
  const { rollout } = rules;
  const queue = [...leaves];
  const state: { running: number; failed: number; stopped: boolean; errors: unknown[] } = {
    running: 0,
    failed: rules.failed,
    stopped: tooMany(rules.failed, rollout, rules.total),
    errors: [],
  };
  const canaries = leaves.length <= SMALL ? 0 : rollout.canary;
  const started: Promise<void>[] = [];
  // An execution that has started nothing yet would only continue as new again and again, as during a pause.
  const drains = (): boolean => started.length > 0 && rules.mustDrain();
  const mayStart = (): boolean => state.errors.length === 0 && !state.stopped && !drains();
  const start = async (leaf: string): Promise<void> => {
    state.running += 1;
    try {
      if (await rules.work(leaf)) return;
      state.failed += 1;
      state.stopped = tooMany(state.failed, rollout, rules.total);
    } catch (error) {
      state.errors.push(error);
    } finally {
      state.running -= 1;
    }
  };
  const startUpTo = async (count: number, limit: number): Promise<void> => {
    for (let taken = 0; taken < count && queue.length > 0; taken += 1) {
      await wf.condition(() => state.running < limit || !mayStart());
      if (!mayStart()) return;
      const leaf = queue.shift();
      if (leaf !== undefined) started.push(start(leaf));
    }
  };
  try {
    await startUpTo(canaries, rollout.concurrency);
    await Promise.all(started);
    await startUpTo(queue.length, rollout.concurrency);
  } finally {
    await Promise.all(started); // also when the wait for a free place was cancelled
  }
  if (state.errors.length > 0) throw state.errors[0];
  return { left: queue, stopped: state.stopped };
}
