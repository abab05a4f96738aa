import type { Connection } from '@temporalio/client';
import { ProvisionError } from '../contract/errors.js';
import { TASK_QUEUE } from '../contract/names.js';
import { livePollers, strangersAmong } from '../local/worker-identity.js';

type Workflows = Pick<Connection['workflowService'], 'describeTaskQueue'>;

/**
 * Workers of one queue share its work, so the keys of a topology would be spread over their state directories.
 * @throws ProvisionError WORKER_NOT_STARTED
 */
export async function refuseBesideStrangers(service: Workflows, namespace: string, stateId: string): Promise<void> {
  const { pollers } = await service.describeTaskQueue({ namespace, taskQueue: { name: TASK_QUEUE } });
  const [stranger] = strangersAmong(livePollers(pollers), stateId);
  if (stranger === undefined) return;
  throw new ProvisionError(
    'WORKER_NOT_STARTED',
    `a worker of another state directory polls the queue "${TASK_QUEUE}" of namespace "${namespace}": ${stranger}`,
    'stop it and try again after two minutes, share its state directory, or give each its own namespace: TEMPORAL_NAMESPACE',
  );
}
