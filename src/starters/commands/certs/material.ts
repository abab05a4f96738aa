import { ProvisionError } from '../../../contract/errors.js';
import { issuerOf, TRUST_ANCHOR } from '../../../domain/pki/profiles.js';
import type { Context } from '../../context.js';
import { commandLine } from '../../invocation.js';
import { chooseName, type Choice } from '../../topologies/choose.js';

export interface Material {
  topology: string;
  /** As in the store: `nats/ca.crt`. */
  names: string[];
  read: (name: string) => Promise<Buffer>;
}

/** Linkerd's files are at the top, named as Linkerd's own tools name them; those of NATS are below nats/. */
export const exportedName = (name: string): string =>
  name.startsWith(`${TRUST_ANCHOR}.`) ? name.replace(TRUST_ANCHOR, 'ca') : name.replace(issuerOf(''), 'issuer-');

/** The certificates and keys of a topology. @throws ProvisionError SECRET_MISSING when there are none yet */
export async function openMaterial(context: Context, choice: Choice): Promise<Material> {
  const topology = await chooseName(context, choice);
  const { AgeSecretStore } = await import('../../../adapters/secret-store/age-secret-store.js');
  const store = new AgeSecretStore(context.settings.stateDir);
  const missing = (what: string): ProvisionError =>
    new ProvisionError(
      'SECRET_MISSING',
      `topology "${topology}" has no ${what}`,
      `issue what is missing: ${commandLine('provision')}`,
    );
  const names = (await store.list(topology)).filter((name) => /\.(crt|key)$/.test(name));
  if (names.length === 0) throw missing('certificates yet');
  return {
    topology,
    names,
    read: async (name) => {
      const value = await store.read(topology, name);
      if (value === undefined) throw missing(name);
      return value;
    },
  };
}
