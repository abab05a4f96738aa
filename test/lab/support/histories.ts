import { WorkflowNotFoundError, type Client, type WorkflowClient } from '@temporalio/client';
import type { Payload, PayloadCodec } from '@temporalio/common';
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
  const { payloadCodecs } = client.options.loadedDataConverter;
  const steps = [...histories].map(([id, history]) => stepsIn(clusterOf(id), history, payloadCodecs));
  return (await Promise.all(steps)).flat();
}

/** The id of a cluster's child ends with the cluster; the run's id follows it. */
const clusterOf = (id: string): string => /\/(\S+)/.exec(id)?.[1] ?? '';

async function stepsIn(cluster: string, { events = [] }: History, codecs: readonly PayloadCodec[]): Promise<string[]> {
  const types = new Map(
    (events ?? []).map((event) => [
      Number(event.eventId),
      event.activityTaskScheduledEventAttributes?.activityType?.name ?? '',
    ]),
  );
  const lines = (events ?? []).map(async ({ activityTaskCompletedEventAttributes: completed }) => {
    const type = types.get(Number(completed?.scheduledEventId)) ?? '';
    const payload = completed?.result?.payloads?.[0];
    if (!type.startsWith(ENSURE) || !payload) return [];
    const { steps } = JSON.parse((await opened(payload, codecs)).toString()) as StepsTaken;
    return stepLines(cluster, type.slice(ENSURE.length), steps);
  });
  return (await Promise.all(lines)).flat();
}

/** The data of a payload as it was before it was encrypted. */
async function opened(payload: Payload, codecs: readonly PayloadCodec[]): Promise<Buffer> {
  let payloads = [payload];
  for (const codec of codecs) payloads = await codec.decode(payloads);
  return Buffer.from(payloads[0]?.data ?? []);
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
