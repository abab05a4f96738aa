import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import type { Tunnel } from '../../activities/ports.js';
import { ProvisionError } from '../../contract/errors.js';
import type { Host } from '../../domain/topology/types.js';
import { connectionLost, placeOf } from './ssh-errors.js';

/** SSH's number for "administratively prohibited". */
const PROHIBITED = 1;

/** A stream to address:port as the host sees it. @throws ProvisionError COMMAND_FAILED when nothing answers there */
export function openForward(host: Host, client: Client, address: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const goal = `${address}:${port}`;
    try {
      client.forwardOut('127.0.0.1', 0, address, port, (error, stream) => {
        if (error === undefined) resolve(stream);
        else reject(forwardFailure(host, goal, error));
      });
    } catch {
      reject(connectionLost(host, `opening a way to ${goal}`)); // "Not connected" is thrown
    }
  });
}

/** Only a host that is there gives a reason. */
function forwardFailure(host: Host, goal: string, error: Error & { reason?: unknown }): ProvisionError {
  if (typeof error.reason !== 'number') return connectionLost(host, `opening a way to ${goal}`);
  return new ProvisionError(
    'COMMAND_FAILED',
    `no way to ${goal} from the host: ${error.message}`,
    error.reason === PROHIBITED ? 'set "AllowTcpForwarding yes" in the host’s sshd_config' : undefined,
    placeOf(host),
  );
}

/** Listens on a free loopback port and gives each connection a stream of its own. */
export async function openTunnel(forward: () => Promise<Duplex>): Promise<Tunnel> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    forward().then(
      (stream) => join(socket, stream),
      () => socket.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function join(socket: Socket, stream: Duplex): void {
  stream.on('error', () => undefined);
  socket.once('close', () => stream.destroy());
  stream.once('close', () => socket.destroy());
  socket.pipe(stream).pipe(socket);
}
