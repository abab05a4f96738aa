import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { CheckResult } from './checks.js';
import type { PhaseName } from './phases.js';
import type { ClusterPlan } from './plan.js';
import type { LeafPage, LeafPageRequest, Page, PageRequest, RunStatus } from './status.js';

/**
 * A decision about a gated phase. It has the same shape from the CLI, from `temporal workflow signal` and from the Web UI.
 * `planDigest`, when given, must be the digest of the run's plan: it says which plan the person has read.
 */
export interface Decision {
  phase: string;
  by?: string;
  note?: string;
  planDigest?: string;
}

export const approveSignal = defineSignal<[Decision]>('approve');
export const rejectSignal = defineSignal<[Decision]>('reject');
export const pauseSignal = defineSignal('pause');
export const resumeSignal = defineSignal('resume');

export const statusQuery = defineQuery<RunStatus>('status');
/** The table of leaves, by pages. */
export const leavesQuery = defineQuery<LeafPage, [LeafPageRequest]>('leaves');
/** The steps of `PlanTopology`, by pages of clusters. */
export const planQuery = defineQuery<Page<ClusterPlan>, [PageRequest]>('plan');
/** The results of `VerifyTopology`, by pages of clusters. */
export const resultsQuery = defineQuery<Page<{ cluster: string; results: CheckResult[] }>, [PageRequest]>('results');

/** From the run to the children of its clusters: what they may do now. */
export interface Progress {
  openGates?: readonly PhaseName[];
  /** Parts of the hub that are in place. */
  hubParts?: readonly string[];
}
export const progressSignal = defineSignal<[Progress]>('progress');

/** From a cluster's child to its run. */
export interface Report {
  cluster: string;
  /** Nothing is left to do before this gated phase. */
  waitsFor?: PhaseName;
  /** Parts that are in place, and that other clusters wait for. */
  parts?: readonly string[];
  /** In a teardown: what others must see leave first has left. */
  left?: boolean;
}
export const reportSignal = defineSignal<[Report]>('report');
