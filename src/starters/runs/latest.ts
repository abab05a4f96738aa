import type { WorkflowHandle } from '@temporalio/client';
import type { Temporal } from '../temporal/connect.js';
import { isNotFound } from './errors.js';

export interface FoundRun {
  handle: WorkflowHandle;
  runId: string;
  open: boolean;
  startedAt: number;
}

/** The latest run of a workflow id; undefined when there was none. */
export async function findRun({ client }: Pick<Temporal, 'client'>, workflowId: string): Promise<FoundRun | undefined> {
  try {
    // Without a run id: a long run continues as new.
    const handle = client.workflow.getHandle(workflowId);
    const { runId, status, startTime } = await handle.describe();
    return {
      handle,
      runId,
      open: status.name === 'RUNNING',
      startedAt: startTime.getTime(),
    };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Of several workflow ids the run that started last. */
export async function findLatest(
  temporal: Pick<Temporal, 'client'>,
  workflowIds: readonly string[],
): Promise<FoundRun | undefined> {
  const found = await Promise.all(workflowIds.map((id) => findRun(temporal, id)));
  return found.filter((run) => run !== undefined).sort((a, b) => b.startedAt - a.startedAt)[0];
}
