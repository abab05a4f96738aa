import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowService } from '@temporalio/client';
import { TASK_QUEUE } from '../../../src/contract/names.js';

type Describe = Pick<WorkflowService, 'describeTaskQueue'>;

/** Until a worker's poll is seen, a command would start one of its own. */
export async function untilPolled(service: Describe): Promise<void> {
  const request = { namespace: 'default', taskQueue: { name: TASK_QUEUE } };
  while ((await service.describeTaskQueue(request)).pollers.length === 0) await sleep(20);
}
