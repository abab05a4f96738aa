import { patched } from '@temporalio/workflow';

/**
 * The server carries out each start of a child and each signal to one under the lock of the run that asks for it. A task of
 * that run, and so a status, waits for all of them.
 */
const AT_ONCE = 10;

/** Lets so many pieces of work run at once; the others follow in order. */
export class Turns {
  #free = AT_ONCE;
  readonly #waiting: (() => void)[] = [];

  take<T>(work: () => Promise<T>): Promise<T> {
    return this.#free > 0 || !patched('starts-and-signals-in-turns') ? this.#begin(work) : this.#wait(work);
  }

  #wait<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve) => {
      this.#waiting.push(() => {
        resolve(this.#begin(work));
      });
    });
  }

  /** Returns the promise of the work itself: one step more would change the order of what follows in recorded histories. */
  #begin<T>(work: () => Promise<T>): Promise<T> {
    this.#free -= 1;
    const done = work();
    const end = (): void => {
      this.#free += 1;
      if (this.#free > 0) this.#waiting.shift()?.();
    };
    done.then(end, end);
    return done;
  }
}
