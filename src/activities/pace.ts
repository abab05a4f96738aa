/** Each heartbeat is a write for the server: one a second from each attempt was a third of all its writes with 200 leaves at once. */
const PER_SECOND = 20;
/** A third of the heartbeat time-out in workflows/run/activity-options.ts. */
const LONGEST_MS = 5_000;

/** One attempt among those of a worker. */
interface Turn {
  isDue(): boolean;
  end(): void;
}

/** When the attempts of a worker heartbeat: few of them whenever there is news, many in turn. */
export class Pace {
  readonly #now: () => number;
  #running = 0;

  /** @param now milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  begin(): Turn {
    let last = this.#now();
    this.#running += 1;
    return {
      isDue: () => {
        const now = this.#now();
        if (now - last < this.#pauseMs) return false;
        last = now;
        return true;
      },
      end: () => {
        this.#running -= 1;
      },
    };
  }

  get #pauseMs(): number {
    return this.#running <= PER_SECOND ? 0 : Math.min(LONGEST_MS, (1_000 * this.#running) / PER_SECOND);
  }
}
