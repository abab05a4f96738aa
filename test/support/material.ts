import { createHash } from 'node:crypto';
import type { TlsMaterial } from '../../src/domain/nats/objects/manifests.js';

const pem = (label: string, what: string): string =>
  `-----BEGIN ${label}-----\n${btoa(what)}\n-----END ${label}-----\n`;

/** PEM that says whose it is and that nothing accepts. */
export const madeUp = (owner: string): TlsMaterial => ({
  certificate: pem('CERTIFICATE', `certificate of ${owner}`),
  privateKey: pem('PRIVATE KEY', `key of ${owner}`),
  ca: pem('CERTIFICATE', 'NATS CA'),
});

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
