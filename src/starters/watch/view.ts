import type {
  EntryStatus,
  LeafCounts,
  LeafRow,
  LeafState,
  PhaseState,
  PhaseStatus,
  RunState,
  RunStatus,
} from '../../contract/status.js';

/** The status of a run and of its children as one: what every renderer draws. Times are ms since the epoch. */
export interface RunView extends Omit<RunStatus, 'phases'> {
  workflowId: string;
  phases: PhaseView[];
  /** Clusters whose children were asked. */
  clusters: ClusterProgress[];
  /** Of a small system every leaf, of a fleet those that run. */
  leafRows: readonly LeafRow[];
}

export interface PhaseView extends Omit<PhaseStatus, 'entries'> {
  /** Entries that belong to the run itself. */
  entries: EntryView[];
  /** What the children of clusters do in this phase; of a fleet, only the hub's. */
  clusters: ClusterPhase[];
}

export interface ClusterPhase {
  cluster: string;
  state: PhaseState;
  startedAt?: number;
  endedAt?: number;
  entries: EntryView[];
}

export interface EntryView extends EntryStatus {
  /** Of a running entry that was tried before. */
  retry?: Retry;
}

/** A cluster in one line: how far it is. */
export interface ClusterProgress {
  cluster: string;
  state: RunState;
  /** What runs or has failed. */
  now?: EntryView;
}

/** What Temporal knows of an activity that is retried. */
export interface Retry {
  attempt: number;
  lastError: string;
}

/** Pending attempts of one workflow by activity id. */
export type Retries = ReadonlyMap<string, Retry>;

export interface WorkflowAnswer {
  workflowId: string;
  status: RunStatus;
  retries: Retries;
}

/** Joins a run with its children: what a child does in a phase stands below that phase; of a fleet, only what the hub does. */
export function joinRun(
  run: WorkflowAnswer,
  children: readonly WorkflowAnswer[],
  leafRows: readonly LeafRow[] = [],
): RunView {
  const { status, workflowId, retries } = run;
  // A child without a cluster, such as the one that makes the plan, does the run's own work.
  const own = children.filter((child) => child.status.cluster === undefined);
  const ofClusters = children.filter((child) => child.status.cluster !== undefined);
  const leaves = new Set([...leafRows, ...status.failedLeaves].map(({ cluster }) => cluster));
  // The hub's child is the first one; a hub that had nothing to do has none.
  const isHub = ({ workflowId: id, status: { cluster = '' } }: WorkflowAnswer): boolean =>
    id === status.children[0] && !leaves.has(cluster);
  const drawn = isFleet(status) ? ofClusters.filter(isHub) : ofClusters;
  return {
    ...status,
    workflowId,
    phases: status.phases.map((phase) => joinPhase(withRetries(phase, retries), own, drawn)),
    clusters: ofClusters.map(progressOf),
    leafRows,
  };
}

function joinPhase(
  phase: PhaseStatus & { entries: EntryView[] },
  own: readonly WorkflowAnswer[],
  ofClusters: readonly WorkflowAnswer[],
): PhaseView {
  const clusters = ofClusters.flatMap((child) => phasesNamed(child, phase.name));
  return {
    ...phase,
    ...progressIn(phase, clusters),
    entries: [
      ...phase.entries,
      ...own.flatMap((child) => phasesNamed(child, phase.name).flatMap((one) => one.entries)),
    ],
    clusters: clusters.filter(({ entries }) => entries.length > 0),
  };
}

/** The run opens its phases early and closes them at its end: how far they are, its children know. */
function progressIn(
  phase: PhaseStatus & { entries: EntryView[] },
  clusters: readonly ClusterPhase[],
): Partial<Pick<PhaseView, 'state' | 'startedAt' | 'endedAt'>> {
  const worked = clusters.filter(({ entries }) => entries.length > 0);
  if (phase.entries.length > 0 || !(phase.state === 'running' || phase.state === 'done')) return {};
  if (worked.length === 0)
    return clusters.length === 0 ? {} : { state: phase.state === 'done' ? 'skipped' : 'pending' };
  const times = { startedAt: Math.min(...worked.flatMap(({ startedAt }) => startedAt ?? [])) };
  const ended = clusters.every(({ state }) => state === 'done' || state === 'failed' || state === 'skipped');
  if (!ended) return { ...times, state: 'running' };
  const state = worked.some((cluster) => cluster.state === 'failed') ? 'failed' : 'done';
  return { ...times, state, endedAt: Math.max(...worked.flatMap(({ endedAt }) => endedAt ?? [])) };
}

const phasesNamed = ({ status, retries }: WorkflowAnswer, name: PhaseStatus['name']): ClusterPhase[] =>
  status.phases.flatMap((phase, index) => {
    if (phase.name !== name) return [];
    // A cluster without a part in this phase passes it by.
    const passed = phase.state === 'pending' && status.phases.slice(index + 1).some(hasBegun);
    const state = passed ? 'skipped' : phase.state;
    return [{ ...withRetries(phase, retries), state, cluster: status.cluster ?? '' }];
  });

const hasBegun = ({ state }: PhaseStatus): boolean => state === 'running' || state === 'done' || state === 'failed';

const withRetries = (phase: PhaseStatus, retries: Retries): PhaseStatus & { entries: EntryView[] } => ({
  ...phase,
  entries: phase.entries.map((entry) => withRetry(entry, retries)),
});

function withRetry(entry: EntryStatus, retries: Retries): EntryView {
  const retry = entry.state === 'running' ? retries.get(entry.id) : undefined;
  return retry === undefined ? entry : { ...entry, retry };
}

function progressOf(child: WorkflowAnswer): ClusterProgress {
  const { cluster = '', state, phases } = child.status;
  const now = phases.flatMap(({ entries }) => entries).findLast((entry) => entry.state !== 'done');
  return now === undefined ? { cluster, state } : { cluster, state, now: withRetry(now, child.retries) };
}

export const entriesOf = (phase: PhaseView): EntryView[] => [
  ...phase.entries,
  ...phase.clusters.flatMap((cluster) => cluster.entries),
];

export const changesOf = (entries: readonly EntryView[]): number =>
  entries.reduce((sum, entry) => sum + (entry.changed ?? 0), 0);

const ENDED: readonly RunState[] = ['done', 'degraded', 'failed', 'rejected'];
export const hasEnded = (state: RunState): boolean => ENDED.includes(state);

/** Up to here a run is drawn as a tree of its clusters, above as a table of leaves. */
const MANY_LEAVES = 10;
export const isFleet = ({ leaves }: { leaves?: LeafCounts | undefined }): boolean => (leaves?.total ?? 0) > MANY_LEAVES;

/** In the order in which they are counted for people. */
export const LEAF_STATES = [
  'failed',
  'running',
  'pending',
  'done',
  'unchanged',
  'skipped',
] as const satisfies readonly LeafState[];
