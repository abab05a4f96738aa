import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { writeWhole } from './atomic-file.js';
import { isAlive, startOf } from './processes.js';

/** Who holds a lock. It lies beside the lock: proper-lockfile can only remove an empty directory. */
interface Holder {
  pid: number;
  /** The pids of another machine or container say nothing here. */
  host: string;
  /** Empty: this system does not show it. */
  startedAt: string;
  /** The directory that was the lock: one that replaced it has another holder. */
  lock: string;
}

const recordOf = (lock: string): string => `${lock}.holder`;

/** For the process that has just taken the lock. */
export async function recordHolder(lock: string, pid = process.pid): Promise<void> {
  const lines = [pid, hostname(), startOf(pid) ?? '', await identityOf(lock)];
  await writeWhole(recordOf(lock), lines.join('\n'));
}

/** For the process that is about to release the lock. */
export const forgetHolder = (lock: string): Promise<void> => rm(recordOf(lock), { force: true });

/** The pid of the holder, if it is known to live. The lock of a holder that is known to be dead is removed. */
export async function liveHolder(lock: string): Promise<number | undefined> {
  const record = await readFile(recordOf(lock), 'utf8').catch(() => '');
  const holder = parse(record);
  if (holder.lock === '' || holder.lock !== (await identityOf(lock))) return undefined;
  const state = stateOf(holder);
  if (state === 'dead') await removeDead(lock, record);
  return state === 'alive' ? holder.pid : undefined;
}

function parse(record: string): Holder {
  const [pid, host = '', startedAt = '', lock = ''] = record.split('\n');
  return { pid: Number(pid), host, startedAt, lock };
}

function stateOf({ pid, host, startedAt }: Holder): 'alive' | 'dead' | 'unknown' {
  if (host !== hostname()) return 'unknown';
  if (!isAlive(pid)) return 'dead';
  const seen = startOf(pid);
  if (seen === undefined || startedAt === '') return 'unknown';
  return seen === startedAt ? 'alive' : 'dead';
}

/** Of several processes that see a dead holder, one gets its record and with it the right to remove the lock. */
async function removeDead(lock: string, seen: string): Promise<void> {
  const aside = `${recordOf(lock)}.${randomUUID()}`;
  try {
    await rename(recordOf(lock), aside);
    if ((await readFile(aside, 'utf8')) === seen) await rmdir(lock);
    else await link(aside, recordOf(lock)); // it belongs to a process that has taken the lock since
  } catch {
    return; // another process was faster
  } finally {
    await rm(aside, { force: true });
  }
}

/** Inode numbers are used again at once, so the time of creation has to match too. Empty: there is no lock. */
async function identityOf(lock: string): Promise<string> {
  const stats = await stat(lock, { bigint: true }).catch(() => undefined);
  return stats === undefined ? '' : `${stats.ino} ${stats.birthtimeNs}`;
}
