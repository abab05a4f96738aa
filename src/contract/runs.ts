import type { CheckCounts, CheckResult } from './checks.js';
import type { ClusterPlan, Counts, HostState, Warning } from './plan.js';
import type { PhaseName } from './phases.js';
import type { Scope } from './topology/scope.js';
import type { LeafCounts, LeafRow, RunStatus, StatusError } from './status.js';
import type { PackedTopology } from './topology/packed-topology.js';

/** Input of a run over a topology. It names key files, never their contents. */
export interface RunInput {
  topology: PackedTopology;
  /** Names of leaves; the others stay untouched. Absent: all. */
  only?: readonly string[];
  /** Hosts without a pinned key are trusted on first use, and the key is recorded. */
  trustOnFirstUse: boolean;
}

/** First argument of `ProvisionCrossClusterNats`. */
export type ProvisionInput = RunInput;

/** Its second one: what an execution hands to the next one of the same run. A long run continues as new. */
export interface CarriedRun {
  /** Without the leaves. */
  status: RunStatus;
  paused: boolean;
  openGates: readonly PhaseName[];
  /** Rows of the leaves that are over; the others are still to do. */
  leaves: readonly LeafRow[];
  /** Of the others, the digests of their plans as in ClusterSummary, where they need an approval. */
  digests: Readonly<Record<string, string>>;
  /** The hub had nothing to do, so its checks run at the end. */
  hubIsUnchanged: boolean;
  changed: Counts;
}

export interface ClusterError {
  cluster: string;
  error: StatusError;
}

/** What a run reports of one cluster's plan. */
export interface ClusterSummary {
  cluster: string;
  host: string;
  state: HostState;
  counts: Counts;
  /** First 16 hex digits of the plan's digest; empty when nothing is to do. */
  digest: string;
  /** A part could not be looked at, so the counts are incomplete. */
  unseen?: boolean;
}

/** What may make a cluster fail, but need not. */
export interface ClusterWarnings {
  cluster: string;
  host: string;
  warnings: readonly Warning[];
}

/** Result of `PlanTopology`. */
export interface PlanSummary {
  /** SHA-256 over the digests of all clusters, hex. */
  digest: string;
  counts: Counts;
  /** Clusters with something to do; the others are only counted. */
  clusters: readonly ClusterSummary[];
  unchanged: number;
  /** Leaves with a problem that the user must fix; they are not worked on. */
  unfit: readonly ClusterError[];
  /** Leaves that could not be looked at for now; their own pipeline tries again. */
  unreached: readonly ClusterError[];
  /** At most 20 clusters; absent without any. */
  warnings?: readonly ClusterWarnings[];
  /** The plans themselves, while they are small enough to travel as one; pages of any size come from the `plan` query. */
  plans?: readonly ClusterPlan[];
}

/** Result of `ProvisionCrossClusterNats`. */
export interface ProvisionResult {
  state: 'done' | 'degraded';
  planDigest: string;
  /** Steps that were carried out. */
  changed: Counts;
  leaves: LeafCounts;
  /** At most 100; `leaves.failed` counts all. */
  failedLeaves: readonly LeafRow[];
  checks: CheckCounts;
  /** In full, at most 200. */
  failedChecks: readonly CheckResult[];
}

/** Input of the child that owns one cluster, from bare host to proof. */
export interface ClusterInput {
  scope: Scope;
  trustOnFirstUse: boolean;
  /** The plan of the preflight, where it travels; otherwise the child makes it. */
  plan?: ClusterPlan;
  /** Digest of the approved plan, as in ClusterSummary; absent: nothing had to be approved. */
  approvedDigest?: string;
  /** Phases that wait for an approval, and those of them that are open already. */
  gated: readonly PhaseName[];
  openGates: readonly PhaseName[];
  /** Parts of the hub that are in place already. */
  hubParts: readonly string[];
}

export interface ClusterResult {
  changed: Counts;
  checks: CheckCounts;
  failedChecks: readonly CheckResult[];
}

/** Input of `VerifyTopology`. */
export interface VerifyInput {
  topology: PackedTopology;
  /** Names of clusters, the hub's among them; absent: all. */
  only?: readonly string[];
  /** false: the slow checks are run elsewhere. */
  soon?: false;
  /** A person asks how a system is that only stands: no check waits for as long as after work on it. */
  standing?: true;
}

/** Result of `VerifyTopology`. */
export interface VerifyResult {
  checks: CheckCounts;
  failedChecks: readonly CheckResult[];
  /** Clusters whose checks could not be run at all. */
  failedClusters: readonly ClusterError[];
}

/** First argument of `Teardown`. */
export interface TeardownInput {
  topology: PackedTopology;
  only?: readonly string[];
  /** Also deletes the topology's keys and certificates. */
  purge: boolean;
}

/** Second argument of `Teardown`: what an execution hands to the next one, as CarriedRun is for a run. */
export interface CarriedTeardown extends Pick<CarriedRun, 'status' | 'paused' | 'leaves'> {
  removed: number;
  unreached: readonly ClusterError[];
}

/** Input of the child that takes one cluster out. */
export interface RemovalInput {
  scope: Scope;
}

export interface RemovalResult {
  removed: number;
}

export interface TeardownResult {
  state: 'done' | 'degraded';
  /** Steps that were carried out. */
  removed: number;
  leaves: LeafCounts;
  /** Clusters that could not be removed or not be reached; nothing more is known about them. At most 100. */
  unreached: readonly ClusterError[];
  /** `kept` also when a purge was asked for and a host was not reached: what still runs there needs them. */
  keys: 'kept' | 'deleted';
}
