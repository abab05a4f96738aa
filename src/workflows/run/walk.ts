import * as wf from '@temporalio/workflow';
import type { AnyPhase } from './run.js';

/** What a walk must know of a part. */
export interface Stop {
  part: string;
  phase: AnyPhase;
  needs: readonly string[];
}

export interface WalkRules<S extends Stop> {
  act(stop: S): Promise<void>;
  /** Whether something outside the walk holds the part back: a pause, or another cluster. */
  mayStart(stop: S): boolean;
  /** Whether the part's phase may be worked on. */
  isOpen(phase: S['phase']): boolean;
  /** Nothing is left to do before this phase, which is closed. */
  waitsFor(phase: S['phase']): Promise<void>;
}

/**
 * Walks over parts in the order of their needs. Parts that do not need each other run side by side; a phase is a barrier
 * only while it is closed. The first failure cancels the others, and when it is thrown none of them runs any more.
 */
export async function walk<S extends Stop>(stops: readonly S[], rules: WalkRules<S>): Promise<void> {
  const state: WalkState = { running: new Set(), done: new Set(), failures: [] };
  const scope = new wf.CancellationScope();
  const started: Promise<void>[] = [];
  const asked = new Set<S['phase']>();
  const names = new Set(stops.map(({ part }) => part));
  const ready = (stop: S): boolean =>
    !state.running.has(stop.part) &&
    !state.done.has(stop.part) &&
    stop.needs.every((need) => !names.has(need) || state.done.has(need)) &&
    rules.mayStart(stop);
  const startable = (): S[] => stops.filter((stop) => ready(stop) && rules.isOpen(stop.phase));
  /** The phase that must be opened for the walk to continue, unless that was asked already. */
  const toAsk = (): S['phase'] | undefined => {
    const phase = state.running.size > 0 ? undefined : stops.find(ready)?.phase;
    return phase === undefined || rules.isOpen(phase) || asked.has(phase) ? undefined : phase;
  };
  const isOver = (): boolean => state.done.size === stops.length || state.failures.length > 0;
  await scope
    .run(async () => {
      while (!isOver()) {
        for (const stop of startable()) started.push(run(stop, state, scope, rules));
        const phase = toAsk();
        if (phase !== undefined) {
          asked.add(phase);
          await rules.waitsFor(phase);
        }
        await wf.condition(() => isOver() || startable().length > 0 || toAsk() !== undefined);
      }
    })
    .catch((error: unknown) => state.failures.push(error));
  await Promise.allSettled(started);
  if (state.failures.length > 0) throw state.failures[0];
}

interface WalkState {
  running: Set<string>;
  done: Set<string>;
  failures: unknown[];
}

async function run<S extends Stop>(
  stop: S,
  state: WalkState,
  scope: wf.CancellationScope,
  rules: WalkRules<S>,
): Promise<void> {
  state.running.add(stop.part);
  try {
    await rules.act(stop);
    state.done.add(stop.part);
  } catch (error) {
    state.failures.push(error);
    scope.cancel();
  } finally {
    state.running.delete(stop.part);
  }
}
