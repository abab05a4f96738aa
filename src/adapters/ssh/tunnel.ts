import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import type { Tunnel } from '../../activities/ports.js';
import { ProvisionError } from '../../contract/errors.js';
import type { Host } from '../../domain/topology/types.js';
import { placeOf } from './ssh-errors.js';

/** SSH's number for "administratively prohibited". */
const PROHIBITED = 1;

/** A stream to address:port as the host sees it. @throws ProvisionError COMMAND_FAILED when nothing answers there */
export function openForward(host: Host, client: Client, address: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const fail = (why: string, forbidden = false): void =>
      reject(
        new ProvisionError(
          'COMMAND_FAILED',
          `no way to ${address}:${port} from the host: ${why}`,
          forbidden ? 'set "AllowTcpForwarding yes" in the host’s sshd_config' : undefined,
          placeOf(host),
        ),
      );
    try {
      client.forwardOut('127.0.0.1', 0, address, port, (error, stream) => {
        if (error === undefined) resolve(stream);
        else fail(error.message, (error as Error & { reason?: number }).reason === PROHIBITED);
      });
    } catch (error) {
      fail((error as Error).message);
    }
  });
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
