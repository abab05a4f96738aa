import { X509Certificate } from 'node:crypto';
import { through, type Door } from '../clients.js';

const SERVED_MS = 3_000;

/** The certificate that a port shows, in PEM. @throws the socket's own error */
export const servedAt = (door: Door): Promise<string> =>
  through(door, ({ port }) => door.site.ports.nats.served(port, SERVED_MS));

/** For looks; undefined: it does not say, because it is starting or cannot be reached. */
export const servedIfUp = (door: Door): Promise<string | undefined> =>
  servedAt(door).catch((error: unknown) => {
    door.site.work.signal.throwIfAborted();
    door.site.work.heartbeat(error instanceof Error ? error.message : String(error));
    return undefined;
  });

/** Whether two texts hold the same certificate. What is none is no certificate's equal. */
export function sameCertificate(left: string, right: string): boolean {
  try {
    return new X509Certificate(left).fingerprint256 === new X509Certificate(right).fingerprint256;
  } catch {
    return false;
  }
}
