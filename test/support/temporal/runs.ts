import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { Worker } from '@temporalio/worker';
import {
  clusterWorkflowId,
  planWorkflowId,
  provisionWorkflowId,
  runPlanWorkflowId,
  runVerifyWorkflowId,
  teardownWorkflowId,
  verifyWorkflowId,
} from '../../../src/contract/names.js';
import { packTopology } from '../../../src/contract/topology/packed-topology.js';
import type { ProvisionInput, RunInput, TeardownInput, VerifyInput } from '../../../src/contract/runs.js';
import type { EntryState, RunState, RunStatus } from '../../../src/contract/status.js';
import { approveSignal, pauseSignal, rejectSignal, resumeSignal, statusQuery } from '../../../src/contract/messages.js';
import type { Topology } from '../../../src/contract/topology/topology.js';
import type {
  PlanTopology,
  ProvisionCrossClusterNats,
  Teardown,
  VerifyTopology,
} from '../../../src/workflows/index.js';
import { executionsOf, familyOf } from './executions.js';
import { recordHistory, type History } from './histories.js';
import { startTemporal, type TestTemporal } from './temporal.js';
import { twoClusters } from '../topologies.js';
import type { World } from '../parts/world.js';

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

  static async open(serverArgs: readonly string[] = []): Promise<Runs> {
    return new Runs(await startTemporal(serverArgs));
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
    return this.#remember(
      await this.#client.start<typeof ProvisionCrossClusterNats>('ProvisionCrossClusterNats', {
        ...this.#options(topology, provisionWorkflowId),
        args: [{ topology: packTopology(topology), trustOnFirstUse: false, ...input }],
      }),
    );
  }

  async startPlan(topology: Topology, input: Partial<RunInput> = {}) {
    return this.#remember(
      await this.#client.start<typeof PlanTopology>('PlanTopology', {
        ...this.#options(topology, planWorkflowId),
        args: [{ topology: packTopology(topology), trustOnFirstUse: false, ...input }],
      }),
    );
  }

  async startVerify(topology: Topology, input: Partial<VerifyInput> = {}) {
    return this.#remember(
      await this.#client.start<typeof VerifyTopology>('VerifyTopology', {
        ...this.#options(topology, verifyWorkflowId),
        args: [{ topology: packTopology(topology), ...input }],
      }),
    );
  }

  async startTeardown(topology: Topology, input: Partial<TeardownInput> = {}) {
    return this.#remember(
      await this.#client.start<typeof Teardown>('Teardown', {
        ...this.#options(topology, teardownWorkflowId),
        args: [{ topology: packTopology(topology), purge: false, ...input }],
      }),
    );
  }

  /** The child that owns a cluster. */
  child({ name }: Topology, cluster: string): WorkflowHandle {
    return this.#client.getHandle(clusterWorkflowId(name, cluster));
  }

  handle(workflowId: string): WorkflowHandle {
    return this.#client.getHandle(workflowId);
  }

  planOf({ name }: Topology): WorkflowHandle {
    return this.handle(runPlanWorkflowId(name));
  }

  verificationOf({ name }: Topology): WorkflowHandle {
    return this.handle(runVerifyWorkflowId(name));
  }

  /** Last parts of the ids of the children, in the order in which they were started. */
  async childrenOf(handle: WorkflowHandle): Promise<string[]> {
    const { events } = await handle.fetchHistory();
    return (events ?? []).flatMap(
      (event) => event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowId?.split('/').at(-1) ?? [],
    );
  }

  /** All executions of a run: each one but the last has continued as the next. */
  async executionsOf({ workflowId }: WorkflowHandle): Promise<WorkflowHandle[]> {
    const started = this.#started.find((handle) => handle.workflowId === workflowId);
    return started === undefined ? [] : executionsOf(this.#client, started);
  }

  /** The histories of a run, of its continuations and of all their children, by workflow and run id. */
  async historiesOf(handle: WorkflowHandle): Promise<Map<string, History>> {
    return familyOf(this.#client, handle);
  }

  /** The end of every test: no worker is left, and each workflow decides again as it did. */
  async endAndReplay(): Promise<void> {
    const families = await Promise.all(this.#started.map((handle) => this.historiesOf(handle)));
    for (const { worker } of [...this.#workers]) await this.stop(worker);
    this.#started.length = 0;
    await this.#temporal.replay(new Map(families.flatMap((family) => [...family])));
  }

  /** Writes the history of an ended workflow to test/histories, when that is asked for. */
  async record(handle: WorkflowHandle, name: string): Promise<void> {
    await recordHistory(name, await handle.fetchHistory());
  }

  get #client() {
    return this.#temporal.env.client.workflow;
  }

  #options({ name }: Topology, idOf: (topology: string) => string): { workflowId: string; taskQueue: string } {
    return { workflowId: idOf(name), taskQueue: name };
  }

  #remember<Handle extends WorkflowHandle & { firstExecutionRunId: string }>(handle: Handle): Handle {
    this.#started.push(this.#client.getHandle(handle.workflowId, handle.firstExecutionRunId));
    return handle;
  }
}

export const statusOf = (handle: WorkflowHandle): Promise<RunStatus> => handle.query(statusQuery);

/** Ids of the entries that are in a state. */
export const entriesIn = (status: RunStatus, state: EntryState): string[] =>
  status.phases.flatMap(({ entries }) => entries.filter((entry) => entry.state === state).map(({ id }) => id));

/** Asks until the status is as wanted; a test that never sees it ends by Jest's own time-out. */
export async function statusWhere(handle: WorkflowHandle, wanted: (status: RunStatus) => boolean): Promise<RunStatus> {
  for (;;) {
    const status = await statusOf(handle);
    if (wanted(status)) return status;
    await sleep(20);
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
