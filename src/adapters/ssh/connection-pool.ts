import type { NodeSSH } from 'node-ssh';
import type { Host } from '../../contract/topology/topology.js';
import { Semaphore } from '../../local/semaphore.js';
import { untilAborted } from '../../local/until-aborted.js';

const IDLE_MS = 60_000;
/** sshd allows ten sessions (MaxSessions); two stay free for stopping commands. */
const CHANNELS = 8;

/** A connection that stays open at least until it is released. */
export interface PooledConnection {
  ssh: NodeSSH;
  channels: Semaphore;
  release(): void;
  /** The next caller gets a new connection: what this one may do was decided at its login. */
  retire(): void;
}

interface Entry {
  connecting: Promise<NodeSSH>;
  /** Stops the wait for a login. Absent once the login has begun. */
  queued?: AbortController;
  /** Present once it is made. */
  ssh?: NodeSSH;
  channels: Semaphore;
  users: number;
  idle?: NodeJS.Timeout;
}

interface TakeOptions {
  signal: AbortSignal;
  trustOnFirstUse?: boolean;
}

type Connect = (host: Host, trustOnFirstUse: boolean) => Promise<NodeSSH>;

/** At most one connection per host. Callers who come while it is being made share it. */
export class ConnectionPool {
  readonly #entries = new Map<string, Entry>();
  readonly #connect: Connect;
  readonly #logins: Semaphore;

  constructor(connect: Connect, maxLogins: number) {
    this.#connect = connect;
    this.#logins = new Semaphore(maxLogins);
  }

  async take(host: Host, { signal, trustOnFirstUse = false }: TakeOptions): Promise<PooledConnection> {
    signal.throwIfAborted();
    const key = keyOf(host);
    const entry = this.#usable(key) ?? this.#open(key, host, trustOnFirstUse);
    clearTimeout(entry.idle);
    entry.users += 1;
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      entry.users -= 1;
      if (entry.users === 0) this.#leave(key, entry);
    };
    try {
      const ssh = await untilAborted(entry.connecting, signal);
      const retire = (): void => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key);
      };
      return { ssh, channels: entry.channels, release, retire };
    } catch (error) {
      release();
      throw error;
    }
  }

  async close(): Promise<void> {
    const open = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.allSettled(
      open.map(async ({ connecting, idle, queued }) => {
        clearTimeout(idle);
        queued?.abort();
        (await connecting).dispose();
      }),
    );
  }

  /** The one that is being made, or one that has not been lost since. */
  #usable(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    return entry?.ssh?.isConnected() === false ? undefined : entry;
  }

  #open(key: string, host: Host, trustOnFirstUse: boolean): Entry {
    const queued = new AbortController();
    const connecting = this.#logins.acquire(queued.signal).then((done) => {
      delete entry.queued;
      return this.#connect(host, trustOnFirstUse).finally(done);
    });
    const entry: Entry = { connecting, queued, channels: new Semaphore(CHANNELS), users: 0 };
    this.#entries.set(key, entry);
    connecting.then(
      (ssh) => (entry.ssh = ssh),
      () => this.#drop(key, entry),
    );
    return entry;
  }

  /** No caller waits for it any more, so a login that has not begun is left out. */
  #leave(key: string, entry: Entry): void {
    if (entry.queued === undefined) this.#closeLater(key, entry);
    else {
      this.#drop(key, entry);
      entry.queued.abort();
    }
  }

  #closeLater(key: string, entry: Entry): void {
    entry.idle = setTimeout(() => {
      this.#drop(key, entry);
      entry.connecting.then(
        (ssh) => ssh.dispose(),
        () => undefined,
      );
    }, IDLE_MS).unref();
  }

  #drop(key: string, entry: Entry): void {
    clearTimeout(entry.idle);
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }
}

const keyOf = ({ ssh }: Host): string => [ssh.user, ssh.address, ssh.port, ssh.privateKeyFile ?? ''].join(' ');
