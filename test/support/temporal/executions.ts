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

/** Most children that were asked for and not yet there at one moment. */
export function mostStartsAtOnce({ events }: History): number {
  const open = { now: 0, most: 0 };
  for (const event of events ?? []) {
    if (event.startChildWorkflowExecutionInitiatedEventAttributes) open.now += 1;
    if (event.childWorkflowExecutionStartedEventAttributes) open.now -= 1;
    open.most = Math.max(open.most, open.now);
  }
  return open.most;
}

/** What the server knows of the order in which workflows get their turn; undefined: the default. */
export const priorityOf = ({ events }: History): number | undefined =>
  events?.[0]?.workflowExecutionStartedEventAttributes?.priority?.priorityKey ?? undefined;
