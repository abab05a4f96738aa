import { statusQuery } from '../../src/contract/messages.js';
import {
  PROVISION_WORKFLOW,
  provisionWorkflowId,
  SEARCH_ATTRIBUTES,
  searchAttributeKey,
  TASK_QUEUE,
} from '../../src/contract/names.js';
import { packTopology } from '../../src/contract/topology/packed-topology.js';
import type { ProvisionResult } from '../../src/contract/runs.js';
import type { RunStatus } from '../../src/contract/status.js';
import type { Topology } from '../../src/contract/topology/topology.js';
import type { ProvisionCrossClusterNats } from '../../src/workflows/index.js';
import { chainOf, childrenOf, largest, type Execution, type Payload } from './measure/histories.js';
import { lastPages, type LastPage } from './measure/last-pages.js';
import type { Installation } from './installation.js';
import { StatusProbe, type StatusFigures } from './measure/status-probe.js';

/** One `ProvisionCrossClusterNats` from start to end, and what it left in Temporal. */
export interface MeasuredRun {
  result: ProvisionResult;
  status: RunStatus;
  seconds: number;
  /** All executions of the run. */
  parent: Execution[];
  children: Execution[];
  payload: Payload;
  watched: StatusFigures;
  lastPages: LastPage[];
  /** Seconds. */
  cpu: { worker: number; server: number };
}

export async function measuredRun({ client, figures }: Installation, topology: Topology): Promise<MeasuredRun> {
  const workflowId = provisionWorkflowId(topology.name);
  const before = figures();
  const began = performance.now();
  const handle = await client.workflow.start<typeof ProvisionCrossClusterNats>(PROVISION_WORKFLOW, {
    workflowId,
    taskQueue: TASK_QUEUE,
    args: [{ topology: packTopology(topology), trustOnFirstUse: true }],
    typedSearchAttributes: [{ key: searchAttributeKey(SEARCH_ATTRIBUTES.topology), value: topology.name }],
  });
  const latest = client.workflow.getHandle(workflowId);
  const probe = new StatusProbe(latest);
  const ended = handle.result().finally(() => probe.stop());
  const result = await ended;
  const seconds = (performance.now() - began) / 1_000;
  const watched = await probe.stop();
  const after = figures();
  const cpu = {
    worker: after.worker.cpuSeconds - before.worker.cpuSeconds,
    server: after.server.cpuSeconds - before.server.cpuSeconds,
  };
  const status = await latest.query(statusQuery);
  const parent = await chainOf(client, workflowId, handle.firstExecutionRunId);
  const children = await childrenOf(client, parent);
  const pages = await lastPages(client, topology.name, topology.leaves.length);
  const payload = largest([
    ...[...parent, ...children].map((execution) => execution.payload),
    watched.payload,
    ...pages.map((page) => page.payload),
  ]);
  return { result, status, seconds, parent, children, payload, watched, lastPages: pages, cpu };
}
