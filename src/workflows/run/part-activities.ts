import { ApplicationFailure, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities/activities.js';
import { HOST_WORK } from './activity-options.js';

const act = proxyActivities<Activities>(HOST_WORK);

/** The activity that ensures a part; plans name parts, so it is looked up by name. */
export const ensurePart = (part: string) => act[`ensure ${part}`] ?? unknown(part);
export const removePart = (part: string) => act[`remove ${part}`] ?? unknown(part);

function unknown(part: string): never {
  throw ApplicationFailure.nonRetryable(`there is no part "${part}"`, 'USAGE', { docs: 'usage' });
}
