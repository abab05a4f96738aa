import { connect } from 'node:net';

const HELLO = 'CONNECT {"verbose":false,"pedantic":false,"tls_required":false}\r\nPING\r\n';

/** Talks to a NATS port without TLS, and answers all that came back until the server closed or the time was up. */
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
    socket.on('data', (text: string) => (received += text));
    socket.once('error', (error) => {
      if (!connected) reject(error); // a reset later on is an answer too
    });
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(received);
    });
  });
}
