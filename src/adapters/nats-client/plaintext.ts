import { connect } from 'node:net';

const HELLO = 'CONNECT {"verbose":false,"pedantic":false,"tls_required":false}\r\nPING\r\n';

/** Characters that are read. */
const MAX_CHARS = 65_536;

/** Talks to a NATS port without TLS, and returns all that came back until the server closed or the time was up. */
export function plaintext(port: number, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    let connected = false;
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      connected = true;
      socket.write(HELLO);
    });
    const timer = setTimeout(() => socket.destroy(), timeoutMs);
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      received += text;
      if (received.length > MAX_CHARS) socket.destroy();
    });
    socket.once('error', (error) => {
      if (!connected) reject(error); // a later reset is a response too
    });
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(received);
    });
  });
}
