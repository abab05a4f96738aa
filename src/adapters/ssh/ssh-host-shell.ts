import type { Duplex } from 'node:stream';
import type {
  CallOptions,
  HostShell,
  LocalFile,
  RemoteFile,
  RunOptions,
  RunResult,
  Tunnel,
} from '../../activities/ports.js';
import type { Host } from '../../domain/topology/types.js';
import { connect } from './connect.js';
import { ConnectionPool, type Lease } from './connection-pool.js';
import type { KnownHosts } from './host-key.js';
import { runCommand } from './run-command.js';
import { openForward, openTunnel } from './tunnel.js';
import { uploadFile } from './upload.js';

export interface SshHostShellOptions {
  knownHosts: KnownHosts;
  /** `$SSH_AUTH_SOCK`; asked for hosts without a private key file. */
  agentSocket: string | undefined;
}

/** Hosts over SSH, on one connection each. */
export class SshHostShell implements HostShell {
  readonly #pool: ConnectionPool;

  constructor(context: SshHostShellOptions) {
    this.#pool = new ConnectionPool((host, trustOnFirstUse) => connect(host, context, trustOnFirstUse));
  }

  run(host: Host, script: string, options: RunOptions): Promise<RunResult> {
    return this.#inChannel(host, options, (lease) => runCommand(host, lease, script, options));
  }

  upload(host: Host, file: LocalFile, remote: RemoteFile, options: RunOptions): Promise<void> {
    return this.#inChannel(host, options, (lease) => uploadFile(host, lease, file, remote, options));
  }

  async tunnel(host: Host, address: string, port: number, options: CallOptions): Promise<Tunnel> {
    const lease = await this.#pool.lease(host, options); // so that what is wrong with the host shows here
    const { signal } = new AbortController(); // the tunnel outlives the call that opened it
    try {
      const tunnel = await openTunnel(() => this.forward(host, address, port, { signal }));
      return { port: tunnel.port, close: () => tunnel.close().finally(() => lease.release()) };
    } catch (error) {
      lease.release();
      throw error;
    }
  }

  /** A stream to address:port as the host sees it, for clients that bring their own protocol. */
  async forward(host: Host, address: string, port: number, options: CallOptions): Promise<Duplex> {
    const lease = await this.#pool.lease(host, options);
    try {
      const stream = await openForward(host, lease.client, address, port);
      stream.once('close', () => lease.release());
      return stream;
    } catch (error) {
      lease.release();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #inChannel<T>(host: Host, options: RunOptions, work: (lease: Lease) => Promise<T>): Promise<T> {
    const lease = await this.#pool.lease(host, options);
    try {
      return await lease.channels(() => work(lease));
    } finally {
      lease.release();
    }
  }
}
