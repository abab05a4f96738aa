import type { CheckCounts, CheckResult } from './checks.js';
import type { Counts } from './plan.js';
import type { PhaseName, TeardownPhaseName } from './phases.js';

/** What the `status` query of every leafspan workflow returns. Times are ms since the epoch. Its size does not depend on the number of leaves. */
export type EntryState = 'running' | 'done' | 'failed';
export type PhaseState = 'pending' | 'waiting' | 'running' | 'done' | 'failed' | 'skipped';
export type RunState = 'running' | 'waiting' | 'paused' | 'done' | 'degraded' | 'failed' | 'rejected';

/** One row of the tree: one activity or one child workflow. */
export interface EntryStatus {
  /** Also the activity id in Temporal, so that a pending attempt can be found for it. */
  id: string;
  title: string;
  cluster?: string;
  host?: string;
  state: EntryState;
  startedAt: number;
  endedAt?: number;
  /** Number of steps that were carried out; absent while it is not known. */
  changed?: number;
  error?: StatusError;
}

export interface StatusError {
  code: string;
  message: string;
  /** Heading in docs/troubleshooting.md. */
  docs?: string;
  /** What the user must do. */
  hint?: string;
}

export interface PhaseStatus {
  name: PhaseName | TeardownPhaseName;
  state: PhaseState;
  startedAt?: number;
  endedAt?: number;
  /** Who let a gated phase start. */
  approved?: { by: string; note?: string };
  entries: EntryStatus[];
}

/** An approval or rejection that was ignored, and why. */
export interface Refusal {
  phase: string;
  by: string;
  because: string;
}

/** unchanged: nothing was to do. skipped: never started, since too many others had failed. */
export type LeafState = 'pending' | 'running' | 'done' | 'failed' | 'unchanged' | 'skipped';

export interface LeafRow {
  cluster: string;
  state: LeafState;
  startedAt?: number;
  endedAt?: number;
  changed?: number;
  failedChecks?: number;
  error?: StatusError;
}

export type LeafCounts = Record<LeafState, number> & { total: number };

export interface RunStatus {
  topology: string;
  /** The cluster of a child workflow; absent in the run itself. */
  cluster?: string;
  state: RunState;
  /** The phase that waits for an approval. */
  waitingFor?: { phase: PhaseName; since: number };
  planDigest?: string;
  planCounts?: Counts;
  /** Workflow id of the `PlanTopology` that made the plan; its `plan` query has the steps. */
  planWorkflowId?: string;
  phases: PhaseStatus[];
  /** Workflow ids of the hub's child and of those leaves that run or failed, at most 40; their own `status` completes the tree. */
  children: string[];
  leaves?: LeafCounts;
  checks?: CheckCounts;
  /** At most 200. */
  failedChecks: readonly CheckResult[];
  refusals: Refusal[];
  /** At most 100; `leaves.failed` counts all. */
  failedLeaves: LeafRow[];
}

/** Input of the `leaves` query: rows of the leaves' table, in the order of the topology. */
export interface LeafPageRequest {
  state?: LeafState;
  offset: number;
  /** At most 200. */
  limit: number;
}

export interface LeafPage {
  /** Rows that match, on all pages. */
  total: number;
  rows: LeafRow[];
}

/** Input of the `plan` and `results` queries: clusters by offset, the hub first. A page has fewer rows where they are large. */
export interface PageRequest {
  offset: number;
  /** At most 50. */
  limit: number;
  /** Only these clusters. */
  only?: readonly string[];
}

export interface Page<Row> {
  total: number;
  rows: Row[];
}
