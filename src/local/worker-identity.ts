import { hostname } from 'node:os';
import { isAlive } from './processes.js';

/** Part of a worker's command line; distinguishes it from another process with the same pid. */
export const WORKER_MARKER = 'leafspan-worker';
/** A poller that was not seen for this long has gone; each poll lasts up to a minute. */
const SEEN_MS = 90_000;

/** A worker as the server lists those that poll a queue. */
export interface Poller {
  identity?: string | null;
  lastAccessTime?: { seconds?: unknown } | null;
}

/** What a worker calls itself: its process, whose keys it has, and which of them encrypts. */
export const workerIdentity = (stateId: string, keyId: string): string =>
  `leafspan ${process.pid}@${hostname()} ${stateId} ${keyId}`;

/** Those that poll now. A worker of this machine that was killed is listed until its last poll is old. */
export const livePollers = (pollers: readonly Poller[]): string[] =>
  pollers
    .filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 > Date.now() - SEEN_MS)
    .map(({ identity }) => identity ?? '')
    .filter((identity) => !isDeadHere(identity));

const IDENTITY = /^leafspan (\d+)@(\S+)(?: ([0-9a-f]{16}))?(?: ([0-9a-f]{16}))?$/;

/** The key with which a worker encrypts; undefined: it does not. */
export const keyIdOf = (identity: string): string | undefined => IDENTITY.exec(identity)?.[4];

function isDeadHere(identity: string): boolean {
  const [, pid, host] = IDENTITY.exec(identity) ?? [];
  return pid !== undefined && host === hostname() && !isAlive(Number(pid), WORKER_MARKER);
}

/** Of workers those that have another state directory, and with it other keys. Earlier versions do not say. */
export const strangersAmong = (identities: readonly string[], stateId: string): string[] =>
  identities.filter((identity) => {
    const [, , , id] = IDENTITY.exec(identity) ?? [];
    return id !== undefined && id !== stateId;
  });
