import type { ClusterPlan } from '../../contract/plan.js';
import { stepsOf } from '../../contract/plan.js';

/** Digits of a cluster's digest that a summary carries. */
const SHORT = 16;

/** The digest of a cluster's plan as summaries carry it; empty when nothing is to do. */
export const shortDigest = (plan: ClusterPlan): string =>
  stepsOf(plan).length === 0 ? '' : plan.digest.slice(0, SHORT);
