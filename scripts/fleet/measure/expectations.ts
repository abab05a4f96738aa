import { clusterWorkflowId, runPlanWorkflowId, runVerifyWorkflowId } from '../../../src/contract/names.js';
import { FLEET, type FleetFigures } from '../fleet.js';
import { hubName } from '../fleet-topology.js';
import type { MeasuredRun } from '../measured-run.js';

/** A line for each thing that came out other than it must. */
export function unexpected({ options, faults, first, second, joined }: FleetFigures): string[] {
  const newcomer = `${FLEET}-${String(options.leaves).padStart(4, '0')}`;
  return [
    ...wrongOutcome('the first run', first, faults),
    ...wrongOutcome('the second run', second, faults),
    ...(joined === undefined ? [] : wrongOutcome('the joining run', joined, faults)),
    ...changes('the second run', second),
    ...strangers('the second run', second, [...faults.keys()]),
    ...(joined === undefined ? [] : strangers('the joining run', joined, [newcomer, hubName(FLEET), ...faults.keys()])),
  ];
}

function wrongOutcome(what: string, { result }: MeasuredRun, faults: ReadonlyMap<string, unknown>): string[] {
  const failed = result.failedLeaves.map(({ cluster }) => cluster);
  const wanted = faults.size === 0 ? 'done' : 'degraded';
  const wrong = [
    ...failed.filter((leaf) => !faults.has(leaf)).map((leaf) => `${leaf} failed`),
    ...[...faults.keys()].filter((leaf) => !failed.includes(leaf)).map((leaf) => `${leaf} did not fail`),
  ];
  const { total, done, unchanged, failed: count } = result.leaves;
  return [
    ...(result.state === wanted ? [] : [`${what} ended ${result.state}, not ${wanted}`]),
    ...(done + unchanged + count === total ? [] : [`${what} left ${total - done - unchanged - count} leaves out`]),
    ...wrong.map((line) => `${what}: ${line}`),
    ...result.failedChecks.map(({ id, subject }) => `${what}: check ${id} of ${subject} failed`),
  ];
}

function changes(what: string, { result: { changed } }: MeasuredRun): string[] {
  const steps = changed.create + changed.change + changed.delete;
  return steps === 0 ? [] : [`${what} changed ${steps} things`];
}

/** Children that have no business in the run. */
function strangers(what: string, { children }: MeasuredRun, clusters: readonly string[]): string[] {
  const known = new Set([
    runPlanWorkflowId(FLEET),
    runVerifyWorkflowId(FLEET),
    ...clusters.map((cluster) => clusterWorkflowId(FLEET, cluster)),
  ]);
  return children
    .filter(({ workflowId }) => !known.has(workflowId))
    .map(({ workflowId }) => `${what} started ${workflowId}`);
}
