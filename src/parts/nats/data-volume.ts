import { DEFAULT_STORES } from '../../contract/topology/stores.js';
import type { V1PersistentVolumeClaim } from '@kubernetes/client-node';
import { ProvisionError } from '../../contract/errors.js';
import { bytesOf } from '../../domain/accounts/streams.js';
import { identityOf, type ManifestObject } from '../../domain/kubernetes/objects.js';
import { dataClaim } from '../../domain/nats/streams/jetstream.js';
import type { Place } from '../../domain/accounts/accounts.js';
import type { Goal } from '../part.js';
import type { Site } from '../site.js';
import { refuseForeign } from '../objects/foreign.js';

type Claim = ReturnType<typeof dataClaim>;

const isClaim = (object: ManifestObject): object is Claim => object.kind === 'PersistentVolumeClaim';

/**
 * The objects to compare and apply. A volume that is there stays as it was made: a claim cannot be changed, and one that is
 * made again loses its streams. To be removed it is looked for even if streams are no longer kept.
 * @throws ProvisionError VOLUME_TOO_SMALL
 */
export async function withDataVolume(
  site: Site,
  { app, role, goal }: { app: string; role: Place['role']; goal: Goal },
  objects: ManifestObject[],
): Promise<ManifestObject[]> {
  const wanted = objects.find(isClaim);
  if (goal === 'absent') return wanted === undefined ? [dataClaim(app, role, DEFAULT_STORES), ...objects] : objects;
  if (wanted === undefined) return objects;
  const kube = await site.kubeIfUp();
  const live = await kube?.read<V1PersistentVolumeClaim>(identityOf(wanted));
  if (live === undefined) return objects;
  refuseForeign(site, [live]);
  const [has, needs] = [live, wanted].map(({ spec }) => spec?.resources?.requests?.['storage'] ?? '0Mi');
  if (has !== undefined && needs !== undefined && bytesOf(needs) > bytesOf(has)) throw tooSmall(site, has, needs);
  return objects.filter((object) => object !== wanted);
}

const tooSmall = ({ host, cluster }: Site, has: string, needs: string): ProvisionError =>
  new ProvisionError(
    'VOLUME_TOO_SMALL',
    `the volume for streams of ${cluster} was made with ${has}, and nats.jetstream asks for ${needs}`,
    `set maxFile to ${has} or less: a volume cannot be enlarged without losing its streams`,
    { host: host.name, cluster },
  );
