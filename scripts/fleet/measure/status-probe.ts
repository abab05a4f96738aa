import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { statusQuery } from '../../../src/contract/messages.js';
import type { Payload } from './histories.js';

const EVERY_MS = 500;

/** How fast a run tells its status while it works, and how long that status is. */
export interface StatusFigures {
  asked: number;
  /** Queries that ended with an error; a server under load says many things. */
  failed: number;
  p50Ms: number;
  maxMs: number;
  /** Seconds from the first question to the slowest one. */
  slowestAt: number;
  payload: Payload;
}

/** Asks for the status again and again until stopped, as somebody does who watches. */
export class StatusProbe {
  readonly #stop = new AbortController();
  readonly #times: { at: number; ms: number }[] = [];
  readonly #began = performance.now();
  readonly #asking: Promise<void>;
  #bytes = 0;
  #failed = 0;

  constructor(handle: WorkflowHandle) {
    this.#asking = this.#ask(handle);
  }

  async stop(): Promise<StatusFigures> {
    this.#stop.abort();
    await this.#asking;
    const sorted = [...this.#times].sort((left, right) => left.ms - right.ms);
    return {
      asked: sorted.length + this.#failed,
      failed: this.#failed,
      p50Ms: sorted[Math.floor(sorted.length / 2)]?.ms ?? 0,
      maxMs: sorted.at(-1)?.ms ?? 0,
      slowestAt: sorted.at(-1)?.at ?? 0,
      payload: { bytes: this.#bytes, at: 'query status' },
    };
  }

  async #ask(handle: WorkflowHandle): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const began = performance.now();
      try {
        const status = await handle.query(statusQuery);
        this.#times.push({ at: (began - this.#began) / 1_000, ms: performance.now() - began });
        this.#bytes = Math.max(this.#bytes, JSON.stringify(status).length);
      } catch {
        this.#failed += 1;
      }
      await sleep(EVERY_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }
}
