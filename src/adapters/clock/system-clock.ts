import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../parts/ports.js';

export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await sleep(ms, undefined, { signal });
    } catch (error) {
      signal.throwIfAborted(); // the caller's own reason, instead of the timer's AbortError
      throw error;
    }
  }
}
