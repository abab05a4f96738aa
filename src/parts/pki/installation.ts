import { X509Certificate } from 'node:crypto';
import { NATS_CA } from '../../domain/pki/profiles.js';
import type { SecretStore } from '../ports.js';

/**
 * By what a claim knows this installation again: the first 16 hex digits of the SHA-256 of its NATS CA. undefined: the CA
 * is not issued yet, or its file is damaged.
 */
export async function installationOf(secrets: SecretStore, topology: string): Promise<string | undefined> {
  const certificate = await secrets.read(topology, `${NATS_CA}.crt`);
  if (certificate === undefined) return undefined;
  try {
    return new X509Certificate(certificate).fingerprint256.replaceAll(':', '').toLowerCase().slice(0, 16);
  } catch {
    return undefined;
  }
}
