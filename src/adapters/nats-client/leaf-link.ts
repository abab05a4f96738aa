import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { NatsIdentity, NatsTarget } from '../../parts/ports.js';

/** What a leaf node sends after the handshake; the name is seen in the broker's log. */
const HELLO = 'CONNECT {"tls_required":true,"name":"leafspan-check","server_id":"leafspan-check"}\r\nPING\r\n';
/** Characters that are read of each of the two. */
const MAX_CHARS = 65_536;
/** The server lets the link in, or says why not. */
const RESPONSE = /^(PONG|-ERR .*)\r$/m;

/**
 * Asks for a leaf link as a leaf node does: INFO comes in plaintext, then TLS, then CONNECT. Returns all that came back
 * after TLS until the server responded, closed, or the time was up. @throws Error before TLS is there
 */
export async function offerLeafLink(target: NatsTarget, identity: NatsIdentity, timeoutMs: number): Promise<string> {
  const socket = connectTcp({ port: target.port, host: '127.0.0.1' });
  const timer = setTimeout(
    () => socket.destroy(new Error(`TIMEOUT: no response within ${timeoutMs / 1000} s`)),
    timeoutMs,
  );
  try {
    await greeting(socket);
    return await answerOver(socket, target, identity);
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

/** A NATS server speaks first, in plaintext. @throws Error when it is none */
export function greeting(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    let received = '';
    socket.on('data', function onData(chunk: Buffer) {
      received += chunk.toString();
      if (received.length > MAX_CHARS) socket.destroy(new Error('no end of the INFO'));
      if (!received.includes('\n')) return;
      socket.off('data', onData);
      if (received.startsWith('INFO ')) resolve();
      else reject(new Error(`no INFO from a NATS server, got: ${received.slice(0, 80)}`));
    });
    socket.on('error', reject); // never removed: an unhandled error event stops the worker
    socket.once('close', () => reject(new Error('closed before INFO')));
  });
}

function answerOver(socket: Socket, { serverName }: NatsTarget, identity: NatsIdentity): Promise<string> {
  return new Promise((resolve, reject) => {
    const { ca, certificate: cert, privateKey: key } = identity;
    let received = '';
    let greeted = false;
    const tls = connectTls({ socket, servername: serverName, ca, cert, key }, () => {
      greeted = true;
      tls.write(HELLO);
    });
    tls.setEncoding('utf8');
    tls.on('data', (text: string) => {
      received += text;
      if (received.length > MAX_CHARS) tls.destroy();
      if (RESPONSE.test(received)) resolve(received);
    });
    tls.on('error', (error: Error) => (greeted && received !== '' ? resolve(received) : reject(error)));
    tls.once('close', () => resolve(received));
  });
}
