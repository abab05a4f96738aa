import type { Client } from '@temporalio/client';
import { messageOfFailure } from '../../codec/failure-message.js';
import { clusterWorkflowId, provisionWorkflowId, removalWorkflowId, teardownWorkflowId } from '../../contract/names.js';
import type { LeafPageRequest, LeafRow, RunStatus } from '../../contract/status.js';
import { leafPage } from '../runs/pages.js';
import { hasEnded, isFleet, joinRun, type Retries, type Retry, type RunView, type WorkflowAnswer } from './view.js';

/** A worker that is busy or being replaced is late. */
const QUERY_TIMEOUT_MS = 5_000;
/** Children that are asked per look: a look at a thousand leaves must not become the load of the run. */
const CHILDREN_PER_LOOK = 12;
/** The most leaves that a rollout works on at once. */
const MAX_RUNNING = 200;
/** Attempts are asked for once an entry has run for this long: before, there is nothing to see. */
const RETRIES_AFTER_MS = 2_000;

const NO_RETRIES: Retries = new Map();

/** Looks at a run and its children again and again, asking only those that can have changed. */
export class RunObserver {
  readonly #settled = new Map<string, WorkflowAnswer>();
  readonly #latest = new Map<string, WorkflowAnswer>();
  #turn = 0;

  constructor(
    private readonly client: Client,
    private readonly workflowId: string,
  ) {}

  /** @throws whatever the query throws when the run itself does not respond */
  async look(): Promise<RunView> {
    // Without a run id: a long run continues as new, and its latest execution has the status.
    const run = await this.#ask(this.workflowId);
    const rows = await this.#leafRows(run.status);
    const ids = this.#childrenOf(run.status, rows);
    const open = ids.filter((id) => !this.#settled.has(id));
    const asked = open.length <= CHILDREN_PER_LOOK ? open : this.#nextOf(open);
    const since = startOf(run.status);
    await Promise.all(asked.map((id) => this.#askChild(id, since)));
    const seen = ids.map((id) => this.#settled.get(id) ?? this.#latest.get(id));
    return joinRun(
      run,
      seen.filter((child) => child !== undefined),
      rows,
    );
  }

  /** Of a small system every leaf: the run names only children that run or failed, and finished ones are drawn too. */
  async #leafRows({ topology, leaves }: RunStatus): Promise<readonly LeafRow[]> {
    if (childIdsOf(this.workflowId, topology) === undefined || (leaves?.total ?? 0) === 0) return [];
    // Each query of a run that is over costs the worker a replay of its history.
    if (isFleet({ leaves }) && leaves?.running === 0) return [];
    const request: LeafPageRequest = isFleet({ leaves })
      ? { state: 'running', offset: 0, limit: MAX_RUNNING }
      : { offset: 0, limit: CHILDREN_PER_LOOK };
    return (await leafPage(this.client, this.client.workflow.getHandle(this.workflowId), request)).rows;
  }

  #childrenOf({ topology, children, leaves }: RunStatus, rows: readonly LeafRow[]): readonly string[] {
    const childId = childIdsOf(this.workflowId, topology);
    if (childId === undefined || isFleet({ leaves })) return children;
    return [...new Set([...children, ...rows.filter(hasStarted).map(({ cluster }) => childId(cluster))])];
  }

  #nextOf(open: readonly string[]): string[] {
    const from = (this.#turn * CHILDREN_PER_LOOK) % open.length;
    this.#turn += 1;
    return [...open, ...open].slice(from, from + CHILDREN_PER_LOOK);
  }

  async #askChild(id: string, since: number): Promise<void> {
    try {
      const child = await this.#ask(id);
      // Ids of children are the same in every run: until this run's child has started, an earlier one responds.
      if (startOf(child.status) < since) return;
      if (hasEnded(child.status.state)) this.#settled.set(id, child);
      this.#latest.set(id, child);
    } catch {
      // A child that has not started yet, or whose worker is being replaced, is asked again at the next look.
    }
  }

  async #ask(workflowId: string): Promise<WorkflowAnswer> {
    const handle = this.client.workflow.getHandle(workflowId);
    const status = await this.client.withDeadline(Date.now() + QUERY_TIMEOUT_MS, () =>
      handle.query<RunStatus>('status'),
    );
    return {
      workflowId,
      status,
      retries: hasSlowEntry(status) ? await retriesOf(this.client, workflowId) : NO_RETRIES,
    };
  }
}

/** Only runs with a child for each leaf have a table of leaves. */
function childIdsOf(workflowId: string, topology: string): ((cluster: string) => string) | undefined {
  if (workflowId === provisionWorkflowId(topology)) return (cluster) => clusterWorkflowId(topology, cluster);
  if (workflowId === teardownWorkflowId(topology)) return (cluster) => removalWorkflowId(topology, cluster);
  return undefined;
}

const hasStarted = ({ state, startedAt }: LeafRow): boolean =>
  startedAt !== undefined && (state === 'running' || state === 'done' || state === 'failed');

/** When the first phase started; 0 before. */
const startOf = ({ phases }: RunStatus): number =>
  phases.reduce((first, { startedAt = first }) => Math.min(first || startedAt, startedAt), 0);

const hasSlowEntry = ({ phases }: RunStatus): boolean =>
  phases.some((phase) =>
    phase.entries.some((entry) => entry.state === 'running' && Date.now() - entry.startedAt > RETRIES_AFTER_MS),
  );

async function retriesOf(client: Client, workflowId: string): Promise<Retries> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  const { payloadCodecs } = client.options.loadedDataConverter;
  const retried = (raw.pendingActivities ?? []).map(
    async ({ activityId, attempt, lastFailure }): Promise<[string, Retry][]> => {
      if ((attempt ?? 1) <= 1 || lastFailure == null) return [];
      const lastError = (await messageOfFailure(lastFailure, payloadCodecs)) ?? 'unknown';
      return [[activityId ?? '', { attempt: attempt ?? 1, lastError }]];
    },
  );
  return new Map((await Promise.all(retried)).flat());
}
