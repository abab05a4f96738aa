import type { WorkflowHandle } from '@temporalio/client';
import type { Temporal } from '../temporal/connect.js';
import { isNotFound } from './faults.js';

export interface FoundRun {
  handle: WorkflowHandle;
  runId: string;
  /** It has not ended. */
  open: boolean;
  startedAt: number;
  memo: Record<string, unknown>;
  refresh(): Promise<FoundRun>;
}

/** The latest run of a workflow id; undefined when there was none. */
export async function findRun(
  { client }: Pick<Temporal, 'client'>,
  workflowId: string,
  runId?: string,
): Promise<FoundRun | undefined> {
  const handle = client.workflow.getHandle(workflowId, runId);
  try {
    const { runId: found, status, startTime, memo } = await handle.describe();
    return {
      handle: client.workflow.getHandle(workflowId, found),
      runId: found,
      open: status.name === 'RUNNING',
      startedAt: startTime.getTime(),
      memo: memo ?? {},
      refresh: async () => {
        const again = await findRun({ client }, workflowId, found);
        if (again === undefined) throw new Error(`run ${found} of ${workflowId} is gone`);
        return again;
      },
    };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Of several workflow ids the run that started last. */
export async function findLatest(temporal: Temporal, workflowIds: readonly string[]): Promise<FoundRun | undefined> {
  const found = await Promise.all(workflowIds.map((id) => findRun(temporal, id)));
  return found.filter((run) => run !== undefined).sort((a, b) => b.startedAt - a.startedAt)[0];
}
