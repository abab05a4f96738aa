import type { Duplex } from 'node:stream';
import { connect as tlsConnect, type TLSSocket } from 'node:tls';
import { Pool, type Dispatcher } from 'undici';
import { errorOf } from '../../contract/caught.js';

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
/** Bytes of a response. The host says who its API server is, so it may be anyone, and one worker reads of all clusters. */
const MAX_RESPONSE = 8 * 1024 * 1024;

/** Never resolved: the stream is already connected to the API server. */
export const API_ORIGIN = 'https://kubernetes:6443';

/**
 * HTTP over TLS over streams that the caller opens: no port is opened here. A Pool and no Agent: an Agent miscounts
 * its connections once some were cut, and from then on makes a new one for each call.
 */
export const streamDispatcher = (open: () => Promise<Duplex>, credentials: ApiCredentials): Dispatcher =>
  new Pool(API_ORIGIN, {
    connections: CONNECTIONS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxResponseSize: MAX_RESPONSE,
    connect: (_options, callback) => {
      open().then(
        (stream) => {
          const socket = secured(stream, credentials);
          const fail = (error: Error): void => callback(error, null);
          socket.once('error', fail);
          socket.once('secureConnect', () => {
            socket.off('error', fail);
            callback(null, socket);
          });
        },
        (error: unknown) => callback(errorOf(error), null),
      );
    },
  });

function secured(stream: Duplex, { ca, certificate, privateKey }: ApiCredentials): TLSSocket {
  stream.once('close', () => socket.destroy(new Error('the SSH connection was closed')));
  stream.on('error', () => undefined); // 'close' follows
  const socket = tlsConnect({
    socket: stream,
    servername: SERVER_NAME,
    ca,
    cert: certificate,
    key: privateKey,
    ALPNProtocols: ['http/1.1'],
  });
  // When the stream below is cut, TLS may emit its 'end' or an error after its 'close'. undici has dropped its parser by
  // then and would throw, out of reach of any catch: the whole process would end.
  socket.once('close', () => {
    stream.destroy();
    socket
      .removeAllListeners('end')
      .removeAllListeners('error')
      .on('error', () => undefined);
  });
  return socket;
}
