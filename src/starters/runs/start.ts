import type { WorkflowHandle } from '@temporalio/client';
import { ProvisionError } from '../../contract/errors.js';
import { searchAttributeKey, SEARCH_ATTRIBUTES, TASK_QUEUE, teardownWorkflowId } from '../../contract/names.js';
import type { Topology } from '../../contract/topology.js';
import type { Temporal } from '../temporal/connect.js';
import { digestOf } from './digest.js';
import { findRun } from './latest.js';
import { describeRun } from './web-text.js';

export interface RunRequest<Input extends { topology: Topology }> {
  workflow: string;
  workflowId: string;
  input: Input;
  /** One line for the Web UI: what the run is. */
  summary: string;
}

export interface Started {
  handle: WorkflowHandle;
  runId: string;
  /** The run was already there, with the same input. */
  attached: boolean;
  startedAt: number;
}

/** Starts the run, or attaches to the one that runs with the same input. @throws ProvisionError RUN_IN_PROGRESS */
export async function startOrAttach<Input extends { topology: Topology }>(
  { client }: Temporal,
  { workflow, workflowId, input, summary }: RunRequest<Input>,
): Promise<Started> {
  const { WorkflowExecutionAlreadyStartedError } = await import('@temporalio/client');
  const inputDigest = digestOf(input);
  try {
    const handle = await client.workflow.start(workflow, {
      workflowId,
      taskQueue: TASK_QUEUE,
      args: [input],
      workflowIdConflictPolicy: 'FAIL',
      memo: { inputDigest }, // a later command reads it to see whether the run does what it wants too
      staticSummary: summary,
      staticDetails: describeRun(input.topology),
      typedSearchAttributes: [{ key: searchAttributeKey(SEARCH_ATTRIBUTES.topology), value: input.topology.name }],
    });
    return { handle, runId: handle.firstExecutionRunId, attached: false, startedAt: Date.now() };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  const handle = client.workflow.getHandle(workflowId);
  const { memo, runId, startTime } = await handle.describe();
  if (memo?.['inputDigest'] !== inputDigest) throw otherRun(input.topology.name);
  return { handle, runId, attached: true, startedAt: startTime.getTime() };
}

/** A run that builds and one that removes must not work side by side. @throws ProvisionError RUN_IN_PROGRESS */
export async function refuseDuring(temporal: Temporal, workflowId: string, topology: string): Promise<void> {
  if ((await findRun(temporal, workflowId))?.open !== true) return;
  const teardown = workflowId === teardownWorkflowId(topology);
  throw new ProvisionError(
    'RUN_IN_PROGRESS',
    `topology "${topology}" is being ${teardown ? 'torn down' : 'provisioned'}`,
    `wait for its end: npm run start -- status ${topology} --watch${teardown ? '' : '; or cancel it: npm run start -- teardown --cancel-run'}`,
  );
}

const otherRun = (topology: string): ProvisionError =>
  new ProvisionError(
    'RUN_IN_PROGRESS',
    `a run of topology "${topology}" is in progress, with another topology file or other options`,
    `watch it: npm run start -- status ${topology} --watch; or wait for its end and start again`,
  );
