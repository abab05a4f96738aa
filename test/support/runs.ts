import { writeFileSync } from 'node:fs';
import type { WorkflowHandle } from '@temporalio/client';
import type { Worker } from '@temporalio/worker';
import { format } from 'prettier';
import { approveSignal, pauseSignal, rejectSignal, resumeSignal, statusQuery } from '../../src/contract/messages.js';
import { clusterWorkflowId, provisionWorkflowId, teardownWorkflowId } from '../../src/contract/names.js';
import type { ProvisionInput, TeardownInput } from '../../src/contract/runs.js';
import type { RunState, RunStatus } from '../../src/contract/status.js';
import type { Topology } from '../../src/contract/topology.js';
import type { ProvisionCrossClusterNats, Teardown } from '../../src/workflows/index.js';
import { historyFile, historyText } from './histories.js';
import { startTemporal, type TestTemporal } from './temporal.js';
import { twoClusters } from './topologies.js';
import type { World } from './world.js';

export const messages = { approveSignal, rejectSignal, pauseSignal, resumeSignal };

/** The runs of one test file: every test has a topology and a task queue of its own, by counter. */
export class Runs {
  readonly #temporal: TestTemporal;
  readonly #workers: { worker: Worker; ended: Promise<void> }[] = [];
  readonly #started: WorkflowHandle[] = [];
  #count = 0;

  private constructor(temporal: TestTemporal) {
    this.#temporal = temporal;
  }

  static async open(): Promise<Runs> {
    return new Runs(await startTemporal());
  }

  close(): Promise<void> {
    return this.#temporal.close();
  }

  /** A topology that no other test of the file uses. */
  topology(changes: Partial<Topology> = {}): Topology {
    this.#count += 1;
    return twoClusters({ name: `plant-${this.#count}`, ...changes });
  }

  async serve({ name }: Topology, world: World): Promise<Worker> {
    const worker = await this.#temporal.worker(name, world.activities);
    this.#workers.push({ worker, ended: worker.run() });
    return worker;
  }

  async stop(worker: Worker): Promise<void> {
    const index = this.#workers.findIndex((served) => served.worker === worker);
    const [served] = this.#workers.splice(index, 1);
    worker.shutdown();
    await served?.ended;
  }

  async start(topology: Topology, input: Partial<ProvisionInput> = {}) {
    const handle = await this.#temporal.env.client.workflow.start<typeof ProvisionCrossClusterNats>(
      'ProvisionCrossClusterNats',
      {
        workflowId: provisionWorkflowId(topology.name),
        taskQueue: topology.name,
        args: [{ topology, mode: 'provision', trustOnFirstUse: false, ...input }],
      },
    );
    this.#started.push(handle);
    return handle;
  }

  async startTeardown(topology: Topology, input: Partial<TeardownInput> = {}) {
    const handle = await this.#temporal.env.client.workflow.start<typeof Teardown>('Teardown', {
      workflowId: teardownWorkflowId(topology.name),
      taskQueue: topology.name,
      args: [{ topology, purge: false, ...input }],
    });
    this.#started.push(handle);
    return handle;
  }

  child({ name }: Topology, cluster: string): WorkflowHandle {
    return this.#temporal.env.client.workflow.getHandle(clusterWorkflowId(name, cluster));
  }

  /** The end of every test: no worker is left, and each workflow decides again as it did. */
  async endAndReplay(): Promise<void> {
    const all = await Promise.all(this.#started.map(async (handle) => [handle, ...(await this.#childrenOf(handle))]));
    for (const { worker } of [...this.#workers]) await this.stop(worker);
    this.#started.length = 0;
    await this.#temporal.replay(all.flat());
  }

  /** Writes the history of an ended run to test/histories when UPDATE_HISTORIES=1 says so; CI never does. */
  async record(handle: WorkflowHandle, file: string): Promise<void> {
    if (process.env['UPDATE_HISTORIES'] !== '1') return;
    writeFileSync(historyFile(file), await format(historyText(await handle.fetchHistory()), { parser: 'json' }));
  }

  async #childrenOf(handle: WorkflowHandle): Promise<WorkflowHandle[]> {
    const { events } = await handle.fetchHistory();
    const ids = (events ?? []).flatMap((event) => {
      const id = event.childWorkflowExecutionStartedEventAttributes?.workflowExecution?.workflowId;
      return id ? [id] : [];
    });
    return ids.map((id) => this.#temporal.env.client.workflow.getHandle(id));
  }
}

export const statusOf = (handle: WorkflowHandle): Promise<RunStatus> => handle.query(statusQuery);

/** Asks until the status is as wanted; a test that never sees it ends by Jest's own time-out. */
export async function statusWhere(handle: WorkflowHandle, wanted: (status: RunStatus) => boolean): Promise<RunStatus> {
  for (;;) {
    const status = await statusOf(handle);
    if (wanted(status)) return status;
  }
}

export const untilState = (handle: WorkflowHandle, state: RunState): Promise<RunStatus> =>
  statusWhere(handle, (status) => status.state === state);

/** What `WorkflowFailedError` hides under layers of causes. */
export async function failureOfRun(handle: WorkflowHandle): Promise<{ type?: string; name: string; message: string }> {
  try {
    await handle.result();
  } catch (error) {
    return innermost(error as Error);
  }
  throw new Error('the run did not fail');
}

const innermost = (error: Error): Error => (error.cause instanceof Error ? innermost(error.cause) : error);
