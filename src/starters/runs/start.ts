import type { WorkflowHandle } from '@temporalio/client';
import { ProvisionError } from '../../contract/errors.js';
import { searchAttributeKey, SEARCH_ATTRIBUTES, TASK_QUEUE } from '../../contract/names.js';
import type { Topology } from '../../contract/topology/topology.js';
import { commandLine } from '../invocation.js';
import type { Temporal } from '../temporal/connect.js';
import { digestOf } from './digest.js';
import { onceAttributesAreKnown } from './search-attributes.js';
import { describeRun } from './web-text.js';

export interface RunRequest {
  workflow: string;
  workflowId: string;
  topology: Topology;
  input: object;
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

/** Starts the run, or attaches to the one that is in progress with the same input. @throws ProvisionError RUN_IN_PROGRESS */
export async function startOrAttach(
  { client }: Temporal,
  { workflow, workflowId, topology, input, summary }: RunRequest,
): Promise<Started> {
  const { WorkflowExecutionAlreadyStartedError } = await import('@temporalio/client');
  const inputDigest = digestOf(input);
  try {
    const handle = await onceAttributesAreKnown(() =>
      client.workflow.start(workflow, {
        workflowId,
        taskQueue: TASK_QUEUE,
        args: [input],
        workflowIdConflictPolicy: 'FAIL',
        memo: { inputDigest }, // a later command reads it to see whether the run does what it wants too
        staticSummary: summary,
        staticDetails: describeRun(topology),
        typedSearchAttributes: [{ key: searchAttributeKey(SEARCH_ATTRIBUTES.topology), value: topology.name }],
      }),
    );
    return { handle, runId: handle.firstExecutionRunId, attached: false, startedAt: Date.now() };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  const handle = client.workflow.getHandle(workflowId);
  const { memo, runId, startTime } = await handle.describe();
  if (memo?.['inputDigest'] !== inputDigest) throw otherRun(topology.name);
  return { handle, runId, attached: true, startedAt: startTime.getTime() };
}

const otherRun = (topology: string): ProvisionError =>
  new ProvisionError(
    'RUN_IN_PROGRESS',
    `a run of topology "${topology}" is in progress, with another topology file or other options`,
    `wait until it has stopped: ${commandLine(`status ${topology} --watch`)}; or stop it, which removes nothing: ${commandLine(`cancel ${topology}`)}`,
  );
