import type { ErrorCode } from './errors.js';

/** Results of checks as they travel: in the verify phase's result, in `status` and in `--json`. */

export const CHECK_CATEGORIES = [
  'hosts',
  'k3s',
  'pki',
  'linkerd',
  'multicluster',
  'nats-broker',
  'nats-leaf',
  'cross-cluster',
] as const;
export type CheckCategory = (typeof CHECK_CATEGORIES)[number];

/** For people. */
export const CATEGORY_TITLES: Readonly<Record<CheckCategory, string>> = {
  hosts: 'hosts and the network between them',
  k3s: 'K3s',
  pki: 'certificates',
  linkerd: 'Linkerd',
  multicluster: 'link between the clusters',
  'nats-broker': 'NATS broker',
  'nats-leaf': 'NATS leaf nodes',
  'cross-cluster': 'messages',
};

/** A cause that waiting does not remove. */
export interface Permanence {
  code: ErrorCode;
  /** What the user must do. */
  remedy: string;
  /** It counts once it has been seen for so long: a pull that has just begun to fail may be a fault of the network. */
  afterSeconds: number;
}

export type Verdict =
  | { state: 'pass'; note?: string }
  | { state: 'fail'; because: string; saw?: string; permanent?: Permanence }
  | { state: 'skip'; because: string };

export interface CheckResult {
  /** Stable id in kebab case; together with `subject` unique in a run. */
  id: string;
  category: CheckCategory;
  /** The cluster or cluster pair that the check is about, such as `cluster-b` or `cluster-a → cluster-b`. */
  subject: string;
  /** A statement that is true when healthy. */
  title: string;
  severity: 'error' | 'warning';
  verdict: Verdict;
  /** Heading in docs/troubleshooting.md. */
  docs: string;
  elapsedMs: number;
}

export const failedChecks = (results: readonly CheckResult[]): CheckResult[] =>
  results.filter((result) => result.verdict.state === 'fail' && result.severity === 'error');

export interface CheckCounts {
  passed: number;
  failed: number;
  /** Failed, but never a reason for a run to fail. */
  warned: number;
  skipped: number;
}

export function countChecks(results: readonly CheckResult[]): CheckCounts {
  const counts = { passed: 0, failed: 0, warned: 0, skipped: 0 };
  for (const { verdict, severity } of results) {
    if (verdict.state === 'pass') counts.passed += 1;
    else if (verdict.state === 'skip') counts.skipped += 1;
    else counts[severity === 'error' ? 'failed' : 'warned'] += 1;
  }
  return counts;
}

export const addCounts = (left: CheckCounts, right: CheckCounts): CheckCounts => ({
  passed: left.passed + right.passed,
  failed: left.failed + right.failed,
  warned: left.warned + right.warned,
  skipped: left.skipped + right.skipped,
});
