import { setTimeout as sleep } from 'node:timers/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { NodeSSH } from 'node-ssh';
import type { Tunnel } from '../../parts/ports.js';
import { endpointText } from '../../contract/topology/topology.js';
import { fieldOf, messageOf } from '../../contract/caught.js';
import { isProvisionError, ProvisionError } from '../../contract/errors.js';
import type { LoginHost } from './login/login-host.js';
import type { Connection } from './connection-pool.js';
import {
  CONNECT_TIMEOUT_MS,
  connectionLost,
  forwardingForbidden,
  isRefusal,
  notBeyond,
  placeOf,
} from './ssh-errors.js';

/** SSH's number for "administratively prohibited". */
const PROHIBITED = 1;

/** A stream to address:port as the host sees it. @throws ProvisionError COMMAND_FAILED when the host cannot connect */
export async function openForward(host: LoginHost, ssh: NodeSSH, address: string, port: number): Promise<Duplex> {
  try {
    return await ssh.forwardOut('127.0.0.1', 0, address, port);
  } catch (error) {
    throw forwardFailure(host, `${address}:${port}`, error);
  }
}

/** The stream for a login to the host behind a jump host. @throws ProvisionError SSH_* */
export async function openPassage(via: Connection, host: LoginHost): Promise<Duplex> {
  const { address, port } = host.ssh;
  const waiting = new AbortController();
  const opening = via.ssh.forwardOut('127.0.0.1', 0, address, port);
  try {
    const stream = await Promise.race([opening, silence(waiting.signal)]);
    if (stream === undefined) throw notBeyond(via.host, host, `no response within ${CONNECT_TIMEOUT_MS / 1000} s`);
    stream.on('error', () => undefined);
    return stream;
  } catch (error) {
    void opening.then((late) => late.destroy()).catch(() => undefined);
    if (isProvisionError(error)) throw error;
    if (!isRefusal(error)) throw connectionLost(via.host, `connecting to ${endpointText(host.ssh)}`);
    if (fieldOf(error, 'reason') === PROHIBITED) throw forwardingForbidden(via.host);
    throw notBeyond(via.host, host, messageOf(error));
  } finally {
    waiting.abort();
  }
}

const silence = (signal: AbortSignal): Promise<undefined> =>
  sleep(CONNECT_TIMEOUT_MS, undefined, { signal }).catch(() => undefined);

function forwardFailure(host: LoginHost, goal: string, error: unknown): ProvisionError {
  if (!isRefusal(error)) return connectionLost(host, `connecting to ${goal}`);
  if (fieldOf(error, 'reason') === PROHIBITED) return forwardingForbidden(host);
  return new ProvisionError(
    'COMMAND_FAILED',
    `the host cannot connect to ${goal}: ${messageOf(error)}`,
    undefined,
    placeOf(host),
  );
}

/** Listens on a free loopback port and gives each connection a stream of its own. */
export async function openTunnel(forward: () => Promise<Duplex>): Promise<Tunnel> {
  const sockets = new Set<Socket>();
  // Nagle's algorithm would hold back the second half of a message until the first is acknowledged: 40 ms.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
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
