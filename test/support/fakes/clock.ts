import type { Clock } from '../../../src/parts/ports.js';

/** A clock on which sleeping takes no time, but moves it on. */
export class FakeClock implements Clock {
  #now: number;
  readonly sleeps: number[] = [];
  /** Called at the beginning of every sleep. */
  onSleep: () => void = () => undefined;

  constructor(now = Date.now()) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    this.onSleep();
    this.sleeps.push(ms);
    this.#now += ms;
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    // A turn of the event loop, so that others get theirs.
    return new Promise((resolve) => setImmediate(resolve));
  }
}
