import type { NodeSSH } from 'node-ssh';
import type { Host } from '../../contract/topology/topology.js';
import { Semaphore } from '../../local/semaphore.js';
import { untilAborted } from '../../local/until-aborted.js';
import type { Hop, LoginHost } from './login/login-host.js';

const IDLE_MS = 60_000;
/** sshd allows ten sessions (MaxSessions); two stay free for stopping commands. */
const CHANNELS = 8;

export interface Connection {
  ssh: NodeSSH;
  /** As it was logged in to. */
  host: LoginHost;
}

/** A connection that stays open at least until it is released. */
export interface PooledConnection extends Connection {
  channels: Semaphore;
  release(): void;
  /** The next caller gets a new connection: what this one may do was decided at its login. */
  retire(): void;
}

interface Entry {
  connecting: Promise<Connection>;
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

/** A login that can be made. */
export interface SettledLogin {
  host: LoginHost;
  /** The jump host to go through. */
  via?: Hop;
  connect(via: Connection | undefined, trustOnFirstUse: boolean): Promise<NodeSSH>;
}

type Settle = (hop: Hop) => Promise<SettledLogin>;

/** At most one connection per host, and per jump host. Callers who come while it is being made share it. */
export class ConnectionPool {
  readonly #entries = new Map<string, Entry>();
  readonly #settle: Settle;
  readonly #turns: Semaphore;

  constructor(settle: Settle, maxLogins: number) {
    this.#settle = settle;
    this.#turns = new Semaphore(maxLogins);
  }

  take(host: Host, options: TakeOptions): Promise<PooledConnection> {
    return this.#take({ host, setIn: 'ssh', leadsTo: [] }, options);
  }

  async #take(hop: Hop, { signal, trustOnFirstUse = false }: TakeOptions): Promise<PooledConnection> {
    signal.throwIfAborted();
    const key = keyOf(hop);
    const entry = this.#usable(key) ?? this.#open(key, hop, trustOnFirstUse);
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
      const connection = await untilAborted(entry.connecting, signal);
      const retire = (): void => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key);
      };
      return { ...connection, channels: entry.channels, release, retire };
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
        (await connecting).ssh.dispose();
      }),
    );
  }

  /** The one that is being made, or one that has not been lost since. */
  #usable(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    return entry?.ssh?.isConnected() === false ? undefined : entry;
  }

  #open(key: string, hop: Hop, trustOnFirstUse: boolean): Entry {
    const queued = new AbortController();
    const begun = (): void => {
      delete entry.queued;
    };
    const connecting = this.#connect(hop, { signal: queued.signal, trustOnFirstUse }, begun);
    const entry: Entry = { connecting, queued, channels: new Semaphore(CHANNELS), users: 0 };
    this.#entries.set(key, entry);
    connecting.then(
      ({ ssh }) => (entry.ssh = ssh),
      () => this.#drop(key, entry),
    );
    return entry;
  }

  /** A login waits for its turn with the jump host reached: those that wait for one hold no turn. */
  async #connect(hop: Hop, { signal, trustOnFirstUse = false }: TakeOptions, begun: () => void): Promise<Connection> {
    const login = await this.#settle(hop);
    const via = login.via === undefined ? undefined : await this.#take(login.via, { signal, trustOnFirstUse });
    try {
      const done = await this.#turns.acquire(signal);
      begun();
      const ssh = await login.connect(via, trustOnFirstUse).finally(done);
      if (via !== undefined) ssh.connection?.once('close', () => via.release());
      return { ssh, host: login.host };
    } catch (error) {
      via?.release();
      throw error;
    }
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
        ({ ssh }) => ssh.dispose(),
        () => undefined,
      );
    }, IDLE_MS).unref();
  }

  #drop(key: string, entry: Entry): void {
    clearTimeout(entry.idle);
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }
}

/** A connection that was made with another host key was not verified by this one. */
const keyOf = ({ host: { ssh }, setIn }: Hop): string =>
  JSON.stringify([setIn, ssh.user, ssh.address, ssh.port, ssh.privateKeyFile, ssh.hostKey, ssh.jump]);
