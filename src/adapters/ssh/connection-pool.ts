import pLimit, { type LimitFunction } from 'p-limit';
import type { Client } from 'ssh2';
import type { Host } from '../../domain/topology/types.js';

const IDLE_MS = 60_000;
/** sshd allows ten sessions (MaxSessions); two stay free for stopping commands. */
const CHANNELS = 8;

/** A live connection that is not closed before it is released. */
export interface Lease {
  client: Client;
  channels: LimitFunction;
  release(): void;
}

interface Entry {
  connecting: Promise<Client>;
  channels: LimitFunction;
  users: number;
  idle?: NodeJS.Timeout;
}

interface LeaseOptions {
  signal: AbortSignal;
  trustOnFirstUse?: boolean;
}

/** At most one connection per host. Callers who come while it is being made share it. */
export class ConnectionPool {
  readonly #entries = new Map<string, Entry>();
  readonly #connect: (host: Host, trustOnFirstUse: boolean) => Promise<Client>;

  constructor(connect: (host: Host, trustOnFirstUse: boolean) => Promise<Client>) {
    this.#connect = connect;
  }

  async lease(host: Host, { signal, trustOnFirstUse = false }: LeaseOptions): Promise<Lease> {
    signal.throwIfAborted();
    const key = keyOf(host);
    const entry = this.#entries.get(key) ?? this.#open(key, host, trustOnFirstUse);
    clearTimeout(entry.idle);
    entry.users += 1;
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      entry.users -= 1;
      if (entry.users === 0) this.#closeLater(key, entry);
    };
    try {
      return { client: await abortable(entry.connecting, signal), channels: entry.channels, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  async close(): Promise<void> {
    const open = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.allSettled(
      open.map(async ({ connecting, idle }) => {
        clearTimeout(idle);
        (await connecting).end();
      }),
    );
  }

  #open(key: string, host: Host, trustOnFirstUse: boolean): Entry {
    const connecting = this.#connect(host, trustOnFirstUse);
    const entry: Entry = { connecting, channels: pLimit(CHANNELS), users: 0 };
    this.#entries.set(key, entry);
    const drop = (): void => {
      clearTimeout(entry.idle);
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    };
    connecting.then((client) => client.once('end', drop).once('close', drop), drop);
    return entry;
  }

  #closeLater(key: string, entry: Entry): void {
    entry.idle = setTimeout(() => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      entry.connecting.then(
        (client) => client.end(),
        () => undefined,
      );
    }, IDLE_MS).unref();
  }
}

const keyOf = ({ ssh }: Host): string => [ssh.user, ssh.address, ssh.port, ssh.privateKeyFile ?? ''].join(' ');

/** The connection that others wait for too goes on being made; only this caller stops waiting. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
