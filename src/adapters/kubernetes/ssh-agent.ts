import type { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import { Agent } from 'undici';

/** Client certificate and CA, as in a kubeconfig. */
export interface ApiCredentials {
  ca: string;
  certificate: string;
  privateKey: string;
}

/** K3s's server certificate always names it, and a stream has no address of its own to verify. */
const SERVER_NAME = 'kubernetes';
/** client-node would open a connection, with a handshake, for each call. */
const CONNECTIONS = 4;
const KEEP_ALIVE_MS = 30_000;

/** HTTP over TLS over streams that somebody else opens: no port is opened here. */
export function streamAgent(open: () => Promise<Duplex>, { ca, certificate, privateKey }: ApiCredentials): Agent {
  return new Agent({
    connections: CONNECTIONS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: (_options, callback) => {
      open().then(
        (stream) => {
          const socket = tlsConnect({
            socket: stream,
            servername: SERVER_NAME,
            ca,
            cert: certificate,
            key: privateKey,
            ALPNProtocols: ['http/1.1'],
          });
          stream.once('close', () => socket.destroy());
          socket.once('close', () => stream.destroy());
          const fail = (error: Error): void => callback(error, null);
          socket.once('error', fail);
          socket.once('secureConnect', () => {
            socket.off('error', fail);
            callback(null, socket);
          });
        },
        (error: unknown) => callback(error as Error, null),
      );
    },
  });
}
