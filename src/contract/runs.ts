import type { HostState } from './plan.js';
import type { Topology } from './topology.js';
import type { CheckResult } from './checks.js';
import type { StatusError } from './status.js';

/** Input of `ProvisionCrossClusterNats`. It names key files, never their contents. */
export interface ProvisionInput {
  topology: Topology;
  /** `plan` ends after preflight, `verify` runs the last phase alone. */
  mode: 'provision' | 'plan' | 'verify';
  /** Hosts without a pinned key are trusted on first use, and the key is recorded. */
  trustOnFirstUse: boolean;
}

export interface HostPlan {
  host: string;
  cluster: string;
  state: HostState;
  /** What would change, in order, for people. */
  actions: string[];
}

export interface Plan {
  hosts: HostPlan[];
  /** SHA-256 over the plan's canonical JSON, hex. */
  digest: string;
}

export interface ProvisionResult {
  state: 'done' | 'degraded' | 'planned';
  plan?: Plan;
  /** Every change that was made, in order; empty when all was as wanted. */
  changed: string[];
  checks: CheckResult[];
  failedLeaves: { cluster: string; error: StatusError }[];
}

export interface ClusterInput {
  topology: Topology;
  cluster: string;
}

export interface ClusterResult {
  changed: string[];
}

export interface TeardownInput {
  topology: Topology;
  /** Also deletes the topology's keys and certificates. */
  purge: boolean;
}

export interface TeardownResult {
  state: 'done' | 'degraded';
  removed: string[];
  /** Hosts that could not be reached; nothing is known about them. */
  unreached: { host: string; error: StatusError }[];
  /** `kept` also when a purge was asked for and a host was not reached: what still runs there needs them. */
  keys: 'kept' | 'deleted';
}
