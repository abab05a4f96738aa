import type { AnyPhase, Run } from '../run.js';

/** Begins a phase with its first part and ends it with its last one. Phases may overlap. */
export class PhaseClock {
  readonly #run: Run;
  readonly #left = new Map<AnyPhase, number>();

  constructor(run: Run, stops: readonly { phase: AnyPhase }[]) {
    this.#run = run;
    for (const { phase } of stops) this.#left.set(phase, (this.#left.get(phase) ?? 0) + 1);
  }

  async during(phase: AnyPhase, work: () => Promise<void>): Promise<void> {
    this.#run.beginPhase(phase);
    await work();
    const left = (this.#left.get(phase) ?? 1) - 1;
    this.#left.set(phase, left);
    if (left === 0) this.#run.endPhase(phase);
  }
}
