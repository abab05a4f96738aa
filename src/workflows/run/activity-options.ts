import { ActivityCancellationType, type ActivityOptions } from '@temporalio/workflow';

const common = {
  // Without a heartbeat a dead worker or a cancellation goes unnoticed until the whole time-out has passed.
  heartbeatTimeout: '15s',
  // Whatever touches a host must have stopped before the workflow continues.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} satisfies ActivityOptions;

/**
 * No limit counts the time while no worker runs: a stopped worker or a closed laptop is no reason to fail. So there is no
 * scheduleToClose; attempts are limited here, and the activity itself limits the time of work and of each wait.
 */

/** Reading only: few attempts. The look at a host itself outlasts a reboot; one that stays silent is reported within a minute. */
export const LOOK: ActivityOptions = {
  ...common,
  startToCloseTimeout: '2m',
  retry: {
    initialInterval: '1s',
    backoffCoefficient: 2,
    maximumInterval: '5s',
    maximumAttempts: 3,
    nonRetryableErrorTypes: ['SSH_UNREACHABLE'],
  },
};

/** A first look at one of many leaves: what does not respond soon is looked at again in its own pipeline, with patience. */
export const FIRST_LOOK: ActivityOptions = { ...LOOK, retry: { maximumAttempts: 1 } };

/**
 * Work on hosts and clusters. The pauses are eleven minutes in total, which outlasts the reboot of a large server. An
 * attempt may be long, since a transfer over a slow line has no deadline while it makes progress.
 */
export const HOST_WORK: ActivityOptions = {
  ...common,
  startToCloseTimeout: '6h',
  retry: { initialInterval: '1s', backoffCoefficient: 1.5, maximumInterval: '20s', maximumAttempts: 40 },
};

/** Checks retry by themselves, each with its own deadline. */
export const PROOF: ActivityOptions = {
  ...common,
  startToCloseTimeout: '15m',
  retry: { initialInterval: '1s', maximumInterval: '5s', maximumAttempts: 5 },
};
