import { ProvisionError } from '../contract/errors.js';
import { NATS_CA } from '../domain/pki/profiles.js';
import type { NatsIdentity, SecretStore } from '../parts/ports.js';

/** A certificate of the topology with its key and the NATS CA. @throws ProvisionError SECRET_MISSING */
export async function readMaterial(secrets: SecretStore, topology: string, name: string): Promise<NatsIdentity> {
  const read = async (file: string): Promise<string> => {
    const value = await secrets.read(topology, file);
    if (value === undefined)
      throw new ProvisionError(
        'SECRET_MISSING',
        `topology "${topology}" has no ${file}`,
        'run provision, which issues what is missing',
      );
    return value.toString();
  };
  const [certificate, privateKey, ca] = await Promise.all([
    read(`${name}.crt`),
    read(`${name}.key`),
    read(`${NATS_CA}.crt`),
  ]);
  return { certificate, privateKey, ca };
}
