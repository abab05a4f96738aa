import type { KubernetesObject } from '@kubernetes/client-node';
import { ProvisionError } from '../../contract/errors.js';
import { isOurs } from '../../domain/kubernetes/ownership.js';
import { objectName } from './object-name.js';
import type { Site } from '../site.js';

/** What others have made by a name that we want is neither changed nor removed. @throws ProvisionError OBJECT_FOREIGN */
export function refuseForeign({ host, cluster }: Site, live: readonly (KubernetesObject | undefined)[]): void {
  const foreign = live.filter((object) => object !== undefined).filter((object) => !isOurs(object));
  if (foreign.length === 0) return;
  throw new ProvisionError(
    'OBJECT_FOREIGN',
    `the cluster has objects of the same name that leafspan did not create: ${foreign.map(objectName).join(', ')}`,
    'remove them if they are not needed, or use another cluster',
    { host: host.name, cluster },
  );
}
