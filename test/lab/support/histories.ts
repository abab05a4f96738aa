import { WorkflowNotFoundError, type Client, type WorkflowClient } from '@temporalio/client';
import proto from '@temporalio/proto';
import { provisionWorkflowId } from '../../../src/contract/names.js';
import type { StepsTaken } from '../../../src/activities/parts.js';
import { familyOf } from '../../support/temporal/executions.js';
import type { History } from '../../support/temporal/histories.js';
import { eventually, stepLines } from './system-lab.js';

const { PendingActivityState } = proto.temporal.api.enums.v1;
const ENSURE = 'ensure ';

/** The steps that the activities of a topology's latest run reported, as `plannedSteps` writes them. */
export async function stepsTaken(client: Client, topology: string): Promise<string[]> {
  const run = client.workflow.getHandle(provisionWorkflowId(topology));
  const histories = await familyOf(client.workflow, run);
  return [...histories].flatMap(([id, history]) => stepsIn(clusterOf(id), history));
}

/** The id of a cluster's child ends with the cluster; the run's id follows it. */
const clusterOf = (id: string): string => /\/(\S+)/.exec(id)?.[1] ?? '';

function stepsIn(cluster: string, { events = [] }: History): string[] {
  const types = new Map(
    (events ?? []).map((event) => [
      Number(event.eventId),
      event.activityTaskScheduledEventAttributes?.activityType?.name ?? '',
    ]),
  );
  return (events ?? []).flatMap(({ activityTaskCompletedEventAttributes: completed }) => {
    const type = types.get(Number(completed?.scheduledEventId)) ?? '';
    const data = completed?.result?.payloads?.[0]?.data;
    if (!type.startsWith(ENSURE) || !data) return [];
    const { steps } = JSON.parse(Buffer.from(data).toString()) as StepsTaken;
    return stepLines(cluster, type.slice(ENSURE.length), steps);
  });
}

/** Waits until an attempt of the activity is under way. @throws Error when the run ends first */
export async function untilAtWork(
  { workflow }: Client,
  topology: string,
  { workflowId, activityId }: { workflowId: string; activityId: string },
): Promise<void> {
  const run = workflow.getHandle(provisionWorkflowId(topology));
  await eventually(
    `${activityId} of ${workflowId} is at work`,
    async () => {
      const { status } = await run.describe();
      if (status.name !== 'RUNNING') throw new Error(`the run is ${status.name} before ${activityId} was at work`);
      return isAtWork(workflow, workflowId, activityId);
    },
    20,
  );
}

async function isAtWork(client: WorkflowClient, workflowId: string, activityId: string): Promise<boolean> {
  try {
    const { raw } = await client.getHandle(workflowId).describe();
    const started = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED;
    return (raw.pendingActivities ?? []).some(
      (pending) => pending.activityId === activityId && pending.state === started,
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false; // it has not started yet
    throw error;
  }
}
