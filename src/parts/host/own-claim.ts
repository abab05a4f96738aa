import { ProvisionError } from '../../contract/errors.js';
import { ADOPTED_FILE } from '../../domain/hosts/paths.js';
import { ownerScript } from '../../domain/hosts/removal.js';
import type { Site } from '../site.js';

/** Our claim on the host; undefined: there is none. @throws ProvisionError HOST_LOCKED for the claim of another topology */
export async function readClaim(site: Site): Promise<{ adopted: boolean } | undefined> {
  const owner = (await site.print(ownerScript)).trim();
  if (owner === '') return undefined;
  if (owner !== site.topology)
    throw new ProvisionError('HOST_LOCKED', `belongs to topology "${owner}"`, `teardown ${owner}`, {
      host: site.host.name,
    });
  const adopted = (await site.print(`[ -e ${ADOPTED_FILE} ] && echo adopted; true`)).trim() === 'adopted';
  return { adopted };
}
