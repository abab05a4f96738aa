import type { CheckResult } from './checks.js';
import type { PhaseName, TeardownPhaseName } from './phases.js';

/** What the `status` query of every leafspan workflow answers: a tree of phases and steps. Times are ms since the epoch. */
export type StepState = 'running' | 'done' | 'failed';
export type PhaseState = 'pending' | 'waiting' | 'running' | 'done' | 'failed' | 'skipped';
export type RunState = 'running' | 'waiting' | 'paused' | 'done' | 'degraded' | 'failed' | 'rejected';

export interface StepStatus {
  /** Also the activity id in Temporal, so that a pending attempt can be found for it. */
  id: string;
  title: string;
  cluster?: string;
  host?: string;
  state: StepState;
  startedAt: number;
  endedAt?: number;
  /** What the step changed, for people; empty when all was as wanted. */
  changed?: readonly string[];
  error?: StatusError;
}

export interface StatusError {
  code: string;
  message: string;
  /** Heading in docs/troubleshooting.md. */
  hint?: string;
  /** What the user must do. */
  remedy?: string;
}

export interface PhaseStatus {
  name: PhaseName | TeardownPhaseName;
  state: PhaseState;
  startedAt?: number;
  endedAt?: number;
  /** Who let a gated phase start. */
  approved?: { by: string; note?: string };
  steps: StepStatus[];
}

/** An approval or rejection that was not taken, and why. */
export interface Refusal {
  phase: string;
  by: string;
  because: string;
}

export interface RunStatus {
  topology: string;
  /** The cluster of a child workflow; absent in the run itself. */
  cluster?: string;
  state: RunState;
  /** The phase that waits for an approval. */
  waitingFor?: { phase: PhaseName; since: number };
  planDigest?: string;
  phases: PhaseStatus[];
  /** Workflow ids of the clusters' children, whose own `status` completes this tree. */
  children: string[];
  checks: readonly CheckResult[];
  refusals: Refusal[];
  /** Leaf clusters that dropped out of the run, and why. */
  failedLeaves: { cluster: string; error: StatusError }[];
}
