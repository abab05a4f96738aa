import { ActivityCancellationType, type ActivityOptions } from '@temporalio/workflow';

const common = {
  // Without a heartbeat a dead worker or a cancellation goes unnoticed until the whole time-out has passed.
  heartbeatTimeout: '15s',
  // Whatever touches a host must have stopped before the workflow continues.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} satisfies ActivityOptions;

/** Reading only: few attempts, so that a wrong address is reported soon. */
export const LOOK: ActivityOptions = {
  ...common,
  startToCloseTimeout: '2m',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '5s', maximumAttempts: 3 },
};

/** A first look at one of many leaves: what does not respond soon is looked at again in its own pipeline, with patience. */
export const FIRST_LOOK: ActivityOptions = { ...LOOK, scheduleToCloseTimeout: '10m', retry: { maximumAttempts: 1 } };

/** Work on hosts and clusters: outlasts a reboot of a host. */
export const HOST_WORK: ActivityOptions = {
  ...common,
  startToCloseTimeout: '15m',
  scheduleToCloseTimeout: '45m',
  retry: { initialInterval: '1s', backoffCoefficient: 1.5, maximumInterval: '10s', maximumAttempts: 20 },
};

/** Checks retry by themselves, each with its own deadline. */
export const PROOF: ActivityOptions = {
  ...common,
  startToCloseTimeout: '15m',
  retry: { initialInterval: '1s', maximumInterval: '5s', maximumAttempts: 5 },
};
