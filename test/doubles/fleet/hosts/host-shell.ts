import { basename } from 'node:path';
import { NodeSSH } from 'node-ssh';
import {
  ConnectionPool,
  type PooledConnection,
  type SettledLogin,
} from '../../../../src/adapters/ssh/connection-pool.js';
import type { Hop } from '../../../../src/adapters/ssh/login/login-host.js';
import type { SshLimits } from '../../../../src/adapters/ssh/ssh-host-shell.js';
import { ProvisionError } from '../../../../src/contract/errors.js';
import { SSH_PORT, type Host } from '../../../../src/contract/topology/topology.js';
import { Semaphore } from '../../../../src/local/semaphore.js';
import type {
  CallOptions,
  Clock,
  HostShell,
  LocalFile,
  RemoteFile,
  RunOptions,
  RunResult,
  Tunnel,
} from '../../../../src/parts/ports.js';
import type { World } from '../world.js';
import { respond } from './scripts.js';

/** A login that was made; nothing is behind it. */
class ModelledLogin extends NodeSSH {
  override isConnected(): boolean {
    return true;
  }

  override dispose(): void {
    this.connection = null;
  }
}

const settleModelled =
  (login: (host: Host) => Promise<NodeSSH>) =>
  ({ host }: Hop): Promise<SettledLogin> => {
    const { address, port = SSH_PORT, user = 'root' } = host.ssh;
    return Promise.resolve({ host: { ...host, ssh: { address, port, user } }, connect: () => login(host) });
  };

/** How long a host that does not respond is waited for. */
const UNREACHABLE_MS = 1_000;
/** A file is sent in pieces, so that several share the line. */
const PIECE_BYTES = 16 * 1024 * 1024;

/** Hosts in memory behind the real pool: its limits on logins, transfers and channels are the product's. */
export class ModelledHosts implements HostShell {
  readonly #world: World;
  readonly #clock: Clock;
  readonly #pool: ConnectionPool;
  readonly #transfers: Semaphore;
  /** Until when the worker's line is taken. */
  #lineFreeAt = 0;

  constructor(world: World, clock: Clock, limits: SshLimits) {
    this.#world = world;
    this.#clock = clock;
    this.#transfers = new Semaphore(limits.transfers);
    this.#pool = new ConnectionPool(
      settleModelled((host) => this.#login(host)),
      limits.logins,
    );
  }

  run(host: Host, script: string, options: RunOptions): Promise<RunResult> {
    return this.#connected(host, options, async ({ channels }) =>
      channels.run(options.signal, async () => {
        const model = this.#world.hostOf(host);
        await this.#clock.sleep(model.times.network('script'), options.signal);
        const reply = respond(script, model, this.#world);
        if (typeof reply === 'string') return { code: 0, stdout: reply, stderr: '' };
        await this.#clock.sleep(model.times.work(reply.after), options.signal);
        return { code: 0, stdout: reply.stdout, stderr: '' };
      }),
    );
  }

  upload(host: Host, file: LocalFile, remote: RemoteFile, options: RunOptions): Promise<void> {
    return this.#connected(host, options, ({ channels }) =>
      this.#transfers.run(options.signal, () =>
        channels.run(options.signal, async () => {
          for (let sent = 0; sent < file.size; sent += PIECE_BYTES) {
            await this.#send(Math.min(PIECE_BYTES, file.size - sent), options.signal);
            options.heartbeat?.(`sending ${basename(remote.path)}`);
          }
          this.#world.hostOf(host).files.set(remote.path, { sha256: file.sha256, mode: remote.mode });
        }),
      ),
    );
  }

  checkForwarding(host: Host, options: CallOptions): Promise<void> {
    return this.reach(host, options);
  }

  async tunnel(host: Host, address: string, port: number, { signal }: CallOptions): Promise<Tunnel> {
    const connection = await this.#pool.take(host, { signal });
    const tunnel = this.#world.openTunnel(host, address, port);
    const close = (): Promise<void> => {
      this.#world.closeTunnel(tunnel);
      connection.release();
      return Promise.resolve();
    };
    return { port: tunnel, close };
  }

  /** For what needs a connection and no script, such as the API server behind it. */
  async reach(host: Host, options: CallOptions): Promise<void> {
    await this.#connected(host, options, () => Promise.resolve());
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #login(host: Host): Promise<NodeSSH> {
    const { signal } = new AbortController();
    const { times, fault, address } = this.#world.hostOf(host);
    const isDown = fault === 'unreachable' || this.#world.troubles.down.has(address);
    await this.#clock.sleep(isDown ? UNREACHABLE_MS : times.network('login'), signal);
    if (isDown)
      throw new ProvisionError('SSH_UNREACHABLE', `no answer from ${host.ssh.address}`, undefined, { host: host.name });
    return new ModelledLogin();
  }

  /** One piece after the other: the line is the worker's, whoever sends. */
  #send(bytes: number, signal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    this.#lineFreeAt = Math.max(now, this.#lineFreeAt) + (bytes * 1_000) / this.#world.pace.bytesPerSecond;
    return this.#clock.sleep(this.#lineFreeAt - now, signal);
  }

  async #connected<T>(
    host: Host,
    options: CallOptions,
    work: (connection: PooledConnection) => Promise<T>,
  ): Promise<T> {
    const connection = await this.#pool.take(host, options);
    try {
      return await work(connection);
    } finally {
      connection.release();
    }
  }
}
