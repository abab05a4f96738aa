import type { Client } from '@temporalio/client';
import type { RunStatus } from '../../contract/status.js';
import { joinRun, type Retries, type Retry, type RunView, type WorkflowAnswer } from './view.js';

/** A worker that is busy or just being replaced answers late. */
const QUERY_TIMEOUT_MS = 5_000;
/** Children that are asked per look: a look at a thousand leaves must not become the load of the run. */
const CHILDREN_PER_LOOK = 12;
/** Attempts are asked for once a step has run for this long: before, there is nothing to tell. */
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
    private readonly runId?: string,
  ) {}

  /** @throws whatever the query throws when the run itself does not answer */
  async look(): Promise<RunView> {
    const parent = await this.#ask(this.workflowId, this.runId);
    const open = parent.status.children.filter((id) => !this.#settled.has(id));
    const asked = open.length <= CHILDREN_PER_LOOK ? open : this.#nextOf(open);
    const since = startOf(parent.status);
    await Promise.all(asked.map((id) => this.#askChild(id, since)));
    const children = parent.status.children.map((id) => this.#settled.get(id) ?? this.#latest.get(id));
    return joinRun(
      parent,
      children.filter((child) => child !== undefined),
    );
  }

  #nextOf(open: readonly string[]): string[] {
    const from = (this.#turn * CHILDREN_PER_LOOK) % open.length;
    this.#turn += 1;
    return [...open, ...open].slice(from, from + CHILDREN_PER_LOOK);
  }

  async #askChild(id: string, since: number): Promise<void> {
    try {
      const answer = await this.#ask(id);
      // Ids of children are the same in every run: until this run's child has started, an earlier one answers.
      if (startOf(answer.status) < since) return;
      const { state } = answer.status;
      if (state === 'done' || state === 'failed') this.#settled.set(id, answer);
      this.#latest.set(id, answer);
    } catch {
      // A child that has not started yet, or whose worker is being replaced, is asked again at the next look.
    }
  }

  async #ask(workflowId: string, runId?: string): Promise<WorkflowAnswer> {
    const handle = this.client.workflow.getHandle(workflowId, runId);
    const status = await this.client.withDeadline(Date.now() + QUERY_TIMEOUT_MS, () =>
      handle.query<RunStatus>('status'),
    );
    return { workflowId, status, retries: hasSlowStep(status) ? await retriesOf(this.client, workflowId) : NO_RETRIES };
  }
}

/** When the first phase started; 0 before. */
const startOf = ({ phases }: RunStatus): number =>
  phases.reduce((first, { startedAt = first }) => Math.min(first || startedAt, startedAt), 0);

const hasSlowStep = ({ phases }: RunStatus): boolean =>
  phases.some((phase) =>
    phase.steps.some((step) => step.state === 'running' && Date.now() - step.startedAt > RETRIES_AFTER_MS),
  );

async function retriesOf(client: Client, workflowId: string): Promise<Retries> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  const pending = raw.pendingActivities ?? [];
  return new Map(
    pending
      .filter(({ attempt, lastFailure }) => (attempt ?? 1) > 1 && lastFailure != null)
      .map(({ activityId, attempt, lastFailure }): [string, Retry] => [
        activityId ?? '',
        { attempt: attempt ?? 1, lastError: lastFailure?.message ?? 'unknown' },
      ]),
  );
}
