import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { TASK_QUEUE } from '../contract/names.js';

const LOOK_EVERY_MS = 5_000;

/** Resolves when no workflow of our task queue has been open for the given time; rejects when the signal aborts. */
export async function untilIdle(client: Client, idleSeconds: number, signal: AbortSignal): Promise<void> {
  let idleSince = Date.now();
  while (Date.now() - idleSince < idleSeconds * 1_000) {
    await sleep(Math.min(LOOK_EVERY_MS, idleSeconds * 1_000), undefined, { signal });
    // A server that is away for a while is not a reason to exit: its workflows come back with it.
    const open = await client.workflow
      .count(`TaskQueue = '${TASK_QUEUE}' AND ExecutionStatus = 'Running'`)
      .catch(() => ({ count: 1 }));
    if (open.count > 0) idleSince = Date.now();
  }
}
