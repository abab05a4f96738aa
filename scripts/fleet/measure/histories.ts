import type { Client, WorkflowHandle } from '@temporalio/client';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type Event = NonNullable<History['events']>[number];

/** One execution of a workflow. */
export interface Execution {
  workflowId: string;
  events: number;
  bytes: number;
  /** Bytes of the largest payload in its history, and the event that holds it. */
  payload: Payload;
  children: { workflowId: string; runId: string }[];
  next: string | undefined;
}

export interface Payload {
  bytes: number;
  at: string;
}

/** Executions that are read at once. */
const READS = 8;

/** The execution and those that it continued as. */
export async function chainOf(client: Client, workflowId: string, firstRunId: string): Promise<Execution[]> {
  const all: Execution[] = [];
  for (let runId: string | undefined = firstRunId; runId !== undefined;) {
    const execution: Execution = await executionOf(client, workflowId, runId);
    all.push(execution);
    runId = execution.next;
  }
  return all;
}

/** Every child of the executions, with what each continued as. */
export async function childrenOf(client: Client, parents: readonly Execution[]): Promise<Execution[]> {
  const left = parents.flatMap(({ children }) => children);
  const found: Execution[] = [];
  const read = async (): Promise<void> => {
    for (let child = left.pop(); child !== undefined; child = left.pop())
      found.push(...(await chainOf(client, child.workflowId, child.runId)));
  };
  await Promise.all(Array.from({ length: READS }, read));
  return found;
}

async function executionOf(client: Client, workflowId: string, runId: string): Promise<Execution> {
  const handle = client.workflow.getHandle(workflowId, runId);
  const [{ raw }, { events }] = await Promise.all([handle.describe(), handle.fetchHistory()]);
  const all = events ?? [];
  const payloads = all.map((event): Payload => ({ bytes: largestIn(event), at: `${workflowId}: ${nameOf(event)}` }));
  return {
    workflowId,
    events: all.length,
    bytes: Number(raw.workflowExecutionInfo?.historySizeBytes ?? 0),
    payload: largest(payloads),
    children: all.flatMap((event) => {
      const started = event.childWorkflowExecutionStartedEventAttributes?.workflowExecution;
      return started ? [{ workflowId: started.workflowId ?? '', runId: started.runId ?? '' }] : [];
    }),
    next: all.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined,
  };
}

export const largest = (payloads: readonly Payload[]): Payload =>
  payloads.reduce((most, payload) => (payload.bytes > most.bytes ? payload : most), { bytes: 0, at: 'none' });

const nameOf = (event: Event): string =>
  Object.keys(event)
    .find((key) => key.endsWith('EventAttributes'))
    ?.replace('EventAttributes', '') ?? 'event';

/** Bytes of the largest list of payloads in the event: what Temporal limits. */
function largestIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) {
    const own = value.every(isPayload) ? value.reduce<number>((sum, { data }) => sum + (data?.length ?? 0), 0) : 0;
    return Math.max(own, ...value.map(largestIn));
  }
  if (isPayload(value)) return value.data?.length ?? 0;
  return Math.max(0, ...Object.values(value).map(largestIn));
}

const isPayload = (value: unknown): value is { data?: Uint8Array } =>
  typeof value === 'object' && value !== null && 'data' in value && value.data instanceof Uint8Array;
