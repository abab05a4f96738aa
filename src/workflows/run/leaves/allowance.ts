import { patched } from '@temporalio/workflow';
import { allowedFailures, type Rollout } from '../../../contract/topology/topology.js';

/** Whether more leaves have failed than a rollout over so many leaves allows. */
export function tooMany(failed: number, rollout: Rollout, leaves: number): boolean {
  if (failed <= allowedFailures(rollout, leaves)) return false;
  // Of few leaves a share was rounded down to none, and one bad leaf stopped the others.
  const one = rollout.maxFailures.endsWith('%') && Number.parseInt(rollout.maxFailures, 10) > 0 && leaves > 1 ? 1 : 0;
  return failed > one || !patched('one-of-few-leaves-may-fail');
}
