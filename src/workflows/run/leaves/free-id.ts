import * as wf from '@temporalio/workflow';

const EVERY = '2s';
/** Five minutes: a child that is being cancelled waits until what it does on hosts has stopped. */
const MAX_TRIES = 150;

/**
 * Starts a child as soon as its id is free. The child of a run that somebody terminated is still being cancelled when the
 * next run starts, and both must not work on one cluster.
 */
export async function whenFree<T>(start: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await start();
    } catch (error) {
      if (!isTaken(error) || tries === MAX_TRIES || !wf.patched('wait-for-a-free-id')) throw error;
      await wf.sleep(EVERY);
    }
  }
}

const isTaken = (error: unknown): boolean =>
  error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError';
