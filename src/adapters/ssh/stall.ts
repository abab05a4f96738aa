/** Aborts its signal when nothing has moved for a while. */
export class Stall {
  readonly #afterMs: number;
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout;

  constructor(afterMs: number) {
    this.#afterMs = afterMs;
    this.#timer = this.#start();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  progress(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => this.#controller.abort(new Error('nothing has moved')), this.#afterMs);
  }
}
