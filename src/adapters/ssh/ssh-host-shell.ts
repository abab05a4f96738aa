import type { Duplex } from 'node:stream';
import type { NodeSSH } from 'node-ssh';
import type {
  CallOptions,
  HostShell,
  LocalFile,
  RemoteFile,
  RunOptions,
  RunResult,
  Tunnel,
} from '../../parts/ports.js';
import type { Host } from '../../contract/topology.js';
import { connect } from './connect.js';
import { ConnectionPool } from './connection-pool.js';
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
    return this.#inChannel(host, options, (ssh) => runCommand(host, ssh, script, options));
  }

  upload(host: Host, file: LocalFile, remote: RemoteFile, options: RunOptions): Promise<void> {
    return this.#inChannel(host, options, (ssh) => uploadFile(host, ssh, file, remote, options));
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

  /** A stream to address:port as the host sees it, for clients that bring their own protocol. */
  async forward(host: Host, address: string, port: number, options: CallOptions): Promise<Duplex> {
    const connection = await this.#pool.take(host, options);
    try {
      const stream = await openForward(host, connection.ssh, address, port);
      stream.once('close', () => connection.release());
      return stream;
    } catch (error) {
      connection.release();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #inChannel<T>(host: Host, options: RunOptions, work: (ssh: NodeSSH) => Promise<T>): Promise<T> {
    const connection = await this.#pool.take(host, options);
    try {
      return await connection.channels(() => work(connection.ssh));
    } finally {
      connection.release();
    }
  }
}
