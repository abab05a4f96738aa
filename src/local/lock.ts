import { setTimeout as sleep } from 'node:timers/promises';
import lockfile from 'proper-lockfile';
import { codeOf } from '../contract/caught.js';
import { ProvisionError } from '../contract/errors.js';
import { forgetHolder, liveHolder, recordHolder } from './lock-holder.js';

const POLL_MS = 200;
/** A lock that was not refreshed for so long is free, unless its holder is known to live. It is refreshed every 30 s. */
const STALE_MS = 60_000;

export interface LockOptions {
  signal?: AbortSignal | undefined;
  /** Called once, when another process holds the lock: `process 123`. */
  onWait?: (holder: string) => void;
}

/**
 * One process at a time. The lock is a directory of that name; a holder that was killed does not keep it.
 * `work` gets a signal that also aborts when the lock is lost. @throws ProvisionError STATE_LOCK_LOST
 */
export async function withLock<T>(
  lock: string,
  options: LockOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  const release = await take(lock, options, () => lost.abort(lockLost(lock)));
  const signal = options.signal ? AbortSignal.any([options.signal, lost.signal]) : lost.signal;
  try {
    return await work(signal);
  } finally {
    lost.signal.throwIfAborted();
    await release();
  }
}

/** Whether a process holds the lock. */
export const isLocked = async (lock: string): Promise<boolean> =>
  (await liveHolder(lock)) !== undefined ||
  lockfile.check(lock, { lockfilePath: lock, realpath: false, stale: STALE_MS });

async function take(lock: string, { signal, onWait }: LockOptions, onLost: () => void): Promise<() => Promise<void>> {
  for (let reported = false; ;) {
    signal?.throwIfAborted();
    const holder = await liveHolder(lock);
    const release = holder === undefined ? await tryToTake(lock, onLost) : undefined;
    if (release !== undefined) return release;
    if (!reported) onWait?.(holder === undefined ? 'another process' : `process ${holder}`);
    reported = true;
    await sleep(POLL_MS, undefined, signal && { signal });
  }
}

/** undefined: another process holds it. */
async function tryToTake(lock: string, onLost: () => void): Promise<(() => Promise<void>) | undefined> {
  // Without realpath the thing that is locked need not exist. The default of onCompromised throws out of a timer.
  const options = { lockfilePath: lock, realpath: false, stale: STALE_MS, onCompromised: onLost };
  try {
    const release = await lockfile.lock(lock, options);
    await recordHolder(lock).catch(() => undefined); // without it a killed holder keeps the lock for a minute
    return async () => {
      await forgetHolder(lock);
      await release();
    };
  } catch (error) {
    if (codeOf(error) === 'ELOCKED') return undefined;
    throw error;
  }
}

const lockLost = (lock: string): ProvisionError =>
  new ProvisionError(
    'STATE_LOCK_LOST',
    `the lock ${lock} was removed or taken by another process`,
    'run the same command again',
  );
