import type { Permanence } from '../../contract/checks.js';
import type { Clock } from '../ports.js';

/** Notices that a cause was seen at every look for as long as it takes to be permanent. */
export class Lasting {
  readonly #clock: Clock;
  #since: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns the cause once it has lasted */
  after(seen: Permanence | undefined): Permanence | undefined {
    const now = this.#clock.now();
    this.#since = seen === undefined ? undefined : (this.#since ?? now);
    return seen !== undefined && now - (this.#since ?? now) >= seen.afterSeconds * 1_000 ? seen : undefined;
  }
}
