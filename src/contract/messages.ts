import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { RunStatus } from './status.js';

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
