import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { greeting } from './leaf-link.js';

/** The certificate that a NATS port shows, in PEM. Whether to trust it is the caller's to judge, so nothing is sent. */
export async function servedCertificate(port: number, timeoutMs: number): Promise<string> {
  const socket = connectTcp({ port, host: '127.0.0.1' });
  const timer = setTimeout(
    () => socket.destroy(new Error(`TIMEOUT: no response within ${timeoutMs / 1000} s`)),
    timeoutMs,
  );
  try {
    await greeting(socket);
    return await new Promise((resolve, reject) => {
      const tls = connectTls({ socket, rejectUnauthorized: false }, () => {
        const { raw } = tls.getPeerCertificate();
        resolve(pemOf(raw));
      });
      tls.on('error', reject); // never removed: an unhandled error event stops the worker
      tls.once('close', () => reject(new Error('closed before the certificate')));
    });
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

const pemOf = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
