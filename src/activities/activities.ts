import type { Ports } from '../parts/ports.js';
import { clusterActivities, type ClusterActivities } from './clusters.js';
import { messageActivities, type MessageActivities } from './messages.js';
import { partActivities, type PartActivities } from './parts.js';

export type Activities = ClusterActivities & MessageActivities & PartActivities;

/** Every activity of the worker, over the given ports. Workflows see only the type. */
export const createActivities = (ports: Ports): Activities => ({
  ...clusterActivities(ports),
  ...messageActivities(ports),
  ...partActivities(ports),
});
