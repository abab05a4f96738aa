import { patched } from '@temporalio/workflow';

/**
 * The server carries out each start of a child and each signal to one under the lock of the run that asks for it. A task of
 * that run, and so a status, waits for all of them.
 */
const AT_ONCE = 4;
/** Of runs that began before. */
const FORMERLY = 10;

/** Lets so many pieces of work run at once; the others follow in order. */
export class Turns {
  #running = 0;
  readonly #waiting: { begin: () => void; limit: number }[] = [];

  take<T>(work: () => Promise<T>): Promise<T> {
    const limit = this.#limit();
    return this.#running < limit ? this.#begin(work) : this.#wait(work, limit);
  }

  /** Asks for a patch only where it makes a difference: a small system has none in its history. */
  #limit(): number {
    if (this.#running < AT_ONCE || patched('four-starts-and-signals-at-once')) return AT_ONCE;
    return this.#running < FORMERLY || patched('starts-and-signals-in-turns') ? FORMERLY : Infinity;
  }

  #wait<T>(work: () => Promise<T>, limit: number): Promise<T> {
    return new Promise((resolve) => {
      this.#waiting.push({
        begin: () => {
          resolve(this.#begin(work));
        },
        limit,
      });
    });
  }

  /** Returns the promise of the work itself: one step more would change the order of what follows in recorded histories. */
  #begin<T>(work: () => Promise<T>): Promise<T> {
    this.#running += 1;
    const done = work();
    const end = (): void => {
      this.#running -= 1;
      const [next] = this.#waiting;
      if (next === undefined || this.#running >= next.limit) return;
      this.#waiting.shift();
      next.begin();
    };
    done.then(end, end);
    return done;
  }
}
