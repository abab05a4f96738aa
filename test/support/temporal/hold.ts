import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';

interface Deferred {
  promise: Promise<void>;
  resolve(): void;
}

function deferred(): Deferred {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve: () => resolve() };
}

/** A place where an activity stops until the test lets it continue, or until it is cancelled. */
export class Hold {
  readonly #entered = deferred();
  readonly #released = deferred();
  /** Attempts that came in. */
  attempts = 0;
  /** Set when a cancelled attempt has cleaned up. */
  ended = false;

  /** Resolves when an activity has come in. */
  get entered(): Promise<void> {
    return this.#entered.promise;
  }

  release(): void {
    this.#released.resolve();
  }

  /** Holds an activity, which then does what it does otherwise. */
  readonly script = async <T>(_input: unknown, otherwise: () => Promise<T>): Promise<T> => {
    await this.wait();
    return otherwise();
  };

  /** For use in an activity. Cleaning up takes a moment, as on a host. */
  async wait(): Promise<void> {
    const context = Context.current();
    this.attempts += 1;
    this.#entered.resolve();
    const beat = setInterval(() => context.heartbeat('held'), 20);
    try {
      await Promise.race([this.#released.promise, context.cancelled]);
    } catch (error) {
      await sleep(50);
      this.ended = true;
      throw error;
    } finally {
      clearInterval(beat);
    }
  }
}
