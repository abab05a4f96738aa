import type { CheckResult } from '../../contract/checks.js';
import type { PhaseStatus, RunState, RunStatus, StepState, StepStatus } from '../../contract/status.js';

/** The status trees of a run and of its children as one: what every renderer draws. Times are ms since the epoch. */
export interface RunView {
  workflowId: string;
  topology: string;
  state: RunState;
  waitingFor?: { phase: string; since: number };
  planDigest?: string;
  phases: PhaseView[];
  checks: readonly CheckResult[];
  refusals: RunStatus['refusals'];
  failedLeaves: RunStatus['failedLeaves'];
}

export interface PhaseView extends Omit<PhaseStatus, 'steps'> {
  /** Steps that belong to no cluster of their own, in order. */
  steps: StepView[];
  /** Steps by cluster, where a child workflow works on it. */
  clusters: ClusterView[];
}

export interface ClusterView {
  cluster: string;
  state: StepState;
  startedAt: number;
  endedAt?: number;
  steps: StepView[];
}

export interface StepView extends StepStatus {
  /** Of a running step that was tried before. */
  retry?: Retry;
}

/** What Temporal knows of an activity that is tried again. */
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

/** Joins a run with its children; a child's steps go below the step of the parent that runs the child. */
export function joinRun(parent: WorkflowAnswer, children: readonly WorkflowAnswer[]): RunView {
  const { status, workflowId } = parent;
  const byCluster = new Map(children.map((child) => [child.status.cluster, child]));
  return {
    workflowId,
    topology: status.topology,
    state: status.state,
    ...(status.waitingFor === undefined ? {} : { waitingFor: status.waitingFor }),
    ...(status.planDigest === undefined ? {} : { planDigest: status.planDigest }),
    phases: status.phases.map((phase) => joinPhase(phase, parent.retries, byCluster)),
    checks: status.checks,
    refusals: status.refusals,
    failedLeaves: status.failedLeaves,
  };
}

function joinPhase(
  phase: PhaseStatus,
  retries: Retries,
  children: ReadonlyMap<string | undefined, WorkflowAnswer>,
): PhaseView {
  const steps: StepView[] = [];
  const clusters: ClusterView[] = [];
  for (const step of phase.steps) {
    // A step of a host is an activity; a step of a cluster alone is a child workflow.
    if (step.cluster === undefined || step.host !== undefined) steps.push(withRetry(step, retries));
    else clusters.push(joinCluster(step, step.cluster, children.get(step.cluster)));
  }
  return { ...phase, steps, clusters };
}

function joinCluster(step: StepStatus, cluster: string, child: WorkflowAnswer | undefined): ClusterView {
  const steps = child?.status.phases.flatMap((phase) => phase.steps) ?? [];
  return {
    cluster,
    state: step.state,
    startedAt: step.startedAt,
    ...(step.endedAt === undefined ? {} : { endedAt: step.endedAt }),
    // Without an answer of the child its own outcome stands in for its steps.
    steps: steps.length === 0 && step.state === 'failed' ? [step] : steps.map((one) => withRetry(one, child?.retries)),
  };
}

function withRetry(step: StepStatus, retries: Retries | undefined): StepView {
  const retry = step.state === 'running' ? retries?.get(step.id) : undefined;
  return retry === undefined ? step : { ...step, retry };
}

export const stepsOf = (phase: PhaseView): StepView[] => [
  ...phase.steps,
  ...phase.clusters.flatMap((cluster) => cluster.steps),
];

export const changesOf = (steps: readonly StepView[]): number =>
  steps.reduce((sum, step) => sum + (step.changed?.length ?? 0), 0);

const ENDED: readonly RunState[] = ['done', 'degraded', 'failed', 'rejected'];
export const hasEnded = (state: RunState): boolean => ENDED.includes(state);
