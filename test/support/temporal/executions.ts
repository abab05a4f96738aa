import type { WorkflowClient, WorkflowHandle } from '@temporalio/client';
import type { History } from './histories.js';

/** The histories of a workflow, of what it continued as, and of all their children and grandchildren. */
export async function familyOf(client: WorkflowClient, handle: WorkflowHandle): Promise<Map<string, History>> {
  const history = await handle.fetchHistory();
  const relatives = (history.events ?? []).flatMap((event) => {
    const child = event.childWorkflowExecutionStartedEventAttributes?.workflowExecution;
    const next = event.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
    if (child?.workflowId) return [client.getHandle(child.workflowId, child.runId ?? undefined)];
    return next ? [client.getHandle(handle.workflowId, next)] : [];
  });
  const families = await Promise.all(relatives.map((relative) => familyOf(client, relative)));
  const runId = history.events?.[0]?.workflowExecutionStartedEventAttributes?.originalExecutionRunId ?? '';
  return new Map([[`${handle.workflowId} ${runId}`, history], ...families.flatMap((family) => [...family])]);
}

/** A workflow and what it continued as, in order. */
export async function executionsOf(client: WorkflowClient, handle: WorkflowHandle): Promise<WorkflowHandle[]> {
  const { events } = await handle.fetchHistory();
  const next = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  const { workflowId } = handle;
  return next ? [handle, ...(await executionsOf(client, client.getHandle(workflowId, next)))] : [handle];
}
