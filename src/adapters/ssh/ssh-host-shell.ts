import { posix } from 'node:path';
import type { Duplex } from 'node:stream';
import type {
  CallOptions,
  HostShell,
  LocalFile,
  RemoteFile,
  RunOptions,
  RunResult,
  Tunnel,
} from '../../parts/ports.js';
import { isProvisionError } from '../../contract/errors.js';
import type { Host } from '../../contract/topology/topology.js';
import { Semaphore } from '../../local/semaphore.js';
import { ConnectionPool, type Connection, type PooledConnection } from './connection-pool.js';
import { connect } from './login/connect.js';
import type { LoginHost } from './login/login-host.js';
import type { KnownHosts } from './login/host-key.js';
import { settleLogin } from './login/settle.js';
import { CONNECT_TIMEOUT_MS } from './ssh-errors.js';
import type { Holder } from './commands/lease.js';
import { JoinedLooks } from './commands/joined-looks.js';
import { runCommand } from './commands/run-command.js';
import { openForward, openPassage, openTunnel } from './tunnel.js';
import { uploadFile } from './upload.js';

export interface SshHostShellOptions {
  knownHosts: KnownHosts;
  /** `$SSH_AUTH_SOCK`; asked for hosts without a private key file. */
  agentSocket: string | undefined;
  /** Whose ~/.ssh is read: its `config` and its default keys. Absent: no one's. */
  home?: string;
  limits?: SshLimits;
  /** Who changes hosts with it; absent: it takes no lease. */
  holder?: Holder;
}

/** Over all hosts. A login and a transfer are work for this machine and its network; waiting for a command is not. */
export interface SshLimits {
  logins: number;
  transfers: number;
  /** How long a host may take to respond to a login, in milliseconds. Default: 10 s. */
  loginMs?: number;
}

export const SSH_LIMITS: SshLimits = { logins: 8, transfers: 4 };

const API_PORT = 6443;

const isForbidden = (error: unknown): boolean => isProvisionError(error) && error.code === 'SSH_FORWARDING_FORBIDDEN';

const passageOf = (via: Connection | undefined) =>
  via === undefined ? undefined : (host: LoginHost) => openPassage(via, host);

/** Hosts over SSH, on one connection each. */
export class SshHostShell implements HostShell {
  readonly #pool: ConnectionPool;
  readonly #transfers: Semaphore;
  readonly #holder: Holder | undefined;
  readonly #looks = new JoinedLooks((host, script, options) => this.#run(host, script, options));

  constructor({ limits = SSH_LIMITS, knownHosts, agentSocket, home, holder }: SshHostShellOptions) {
    const { loginMs: timeoutMs = CONNECT_TIMEOUT_MS } = limits;
    this.#pool = new ConnectionPool(async (hop) => {
      const login = await settleLogin(hop, { agentSocket, home });
      return {
        ...login,
        connect: (via, trustOnFirstUse) => connect(login, passageOf(via), { knownHosts, trustOnFirstUse, timeoutMs }),
      };
    }, limits.logins);
    this.#transfers = new Semaphore(limits.transfers);
    this.#holder = holder;
  }

  run(host: Host, script: string, options: RunOptions): Promise<RunResult> {
    return options.look === true ? this.#looks.run(host, script, options) : this.#run(host, script, options);
  }

  #run(host: Host, script: string, options: RunOptions): Promise<RunResult> {
    return this.#connected(host, options, ({ ssh, host: target, channels }) =>
      channels.run(options.signal, () => runCommand(target, ssh, script, options, this.#holder)),
    );
  }

  /** Waits for its turn with a connection and without a channel: neither a dead host nor a waiting file holds others up. */
  upload(host: Host, file: LocalFile, remote: RemoteFile, options: RunOptions): Promise<void> {
    return this.#connected(host, options, ({ ssh, host: target, channels }) => {
      options.heartbeat?.(`waiting to send ${posix.basename(remote.path)}`);
      return this.#transfers.run(options.signal, () =>
        channels.run(options.signal, () => uploadFile(target, ssh, file, remote, options, this.#holder)),
      );
    });
  }

  async tunnel(host: Host, address: string, port: number, options: CallOptions): Promise<Tunnel> {
    const connection = await this.#pool.take(host, options); // so that what is wrong with the host shows here
    const { signal } = new AbortController(); // the tunnel outlives the call that opened it
    try {
      const tunnel = await openTunnel(() => this.forward(host, address, port, { signal }));
      return { port: tunnel.port, close: () => tunnel.close().finally(() => connection.release()) };
    } catch (error) {
      connection.release();
      throw error;
    }
  }

  /** A stream to address:port as the host sees it, for clients that speak their own protocol. */
  async forward(host: Host, address: string, port: number, options: CallOptions): Promise<Duplex> {
    const connection = await this.#pool.take(host, options);
    try {
      const stream = await openForward(connection.host, connection.ssh, address, port);
      stream.once('close', () => connection.release());
      return stream;
    } catch (error) {
      if (isForbidden(error)) connection.retire();
      connection.release();
      throw error;
    }
  }

  /** Nothing need listen there: sshd says first whether it may be tried at all. */
  async checkForwarding(host: Host, options: CallOptions): Promise<void> {
    try {
      (await this.forward(host, '127.0.0.1', API_PORT, options)).destroy();
    } catch (error) {
      if (!isProvisionError(error) || error.code !== 'COMMAND_FAILED') throw error;
    }
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #connected<T>(host: Host, options: RunOptions, work: (connection: PooledConnection) => Promise<T>): Promise<T> {
    const connection = await this.#pool.take(host, options);
    try {
      return await work(connection);
    } finally {
      connection.release();
    }
  }
}
