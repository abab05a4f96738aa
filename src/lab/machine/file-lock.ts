import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTimeOf } from './process-table.js';

const POLL_MS = 200;

export interface LockOptions {
  signal?: AbortSignal | undefined;
  /** Called once, when somebody alive holds the lock. */
  onWait?: (holderPid: number) => void;
}

/** One process at a time. A holder that was killed is seen by its pid and start time, and its lock is taken over. */
export async function withLock<T>(file: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  await takeLock(file, options);
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

async function takeLock(file: string, { signal, onWait }: LockOptions): Promise<void> {
  let told = false;
  while (!tryLock(file)) {
    const holder = holderOf(file);
    if (holder === undefined) continue;
    if (!told) onWait?.(holder);
    told = true;
    await sleep(POLL_MS, undefined, { ...(signal && { signal }) });
  }
}

/** The pid of the live holder. A dead holder's lock is removed on the way. */
export function holderOf(file: string): number | undefined {
  const seen = readLock(file);
  if (seen === undefined) return undefined;
  const [pid = 0, startTime] = seen.split(' ').map(Number);
  if (startTimeOf(pid) === startTime) return pid;
  // Of two that see a dead holder only one may remove it, and never the lock that the other one has taken since.
  const aside = `${file}.dead.${process.pid}`;
  try {
    renameSync(file, aside);
    if (readLock(aside) !== seen) linkSync(aside, file);
  } catch {
    return undefined; // the other one was faster
  } finally {
    rmSync(aside, { force: true });
  }
  return undefined;
}

function tryLock(file: string): boolean {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, `${process.pid} ${String(startTimeOf(process.pid))}`);
  try {
    linkSync(mine, file); // appears whole or not at all
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(mine);
  }
}

function readLock(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
