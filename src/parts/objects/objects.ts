import { createHash } from 'node:crypto';
import { messageOf } from '../../contract/caught.js';
import type { Step } from '../../contract/plan.js';
import { FIELD_MANAGER, OWNER_LABEL } from '../../contract/names.js';
import { fieldDiff } from '../../domain/kubernetes/diff.js';
import { overlaid } from '../../domain/kubernetes/overlay.js';
import { identityOf, type ManifestObject } from '../../domain/kubernetes/objects.js';
import { refuseForeign } from './foreign.js';
import { mapLimited } from '../waiting/limited.js';
import { objectName } from './object-name.js';
import type { Goal } from '../part.js';
import type { KubernetesCluster, Preview } from '../ports.js';
import type { Site } from '../site.js';

/** An object that a part wants, beside what is there and what the API server would make of an apply. */
export interface ObjectSeen extends Preview {
  wanted: ManifestObject;
}

/**
 * Compares objects with the cluster by a server-side dry run. Without an API to ask, none of them is there. A removal only
 * reads: an object that the API server would refuse must go all the same. @throws ProvisionError OBJECT_FOREIGN
 */
export async function seeObjects(site: Site, wanted: readonly ManifestObject[], goal: Goal): Promise<ObjectSeen[]> {
  const kube = await site.kubeIfUp();
  if (kube === undefined) return wanted.map((object) => ({ wanted: object, live: undefined, applied: undefined }));
  const see = goal === 'present' ? previewed : asItIs;
  const seen = await Promise.all(wanted.map(async (object) => ({ wanted: object, ...(await see(kube, object)) })));
  if (goal === 'present')
    refuseForeign(
      site,
      seen.map(({ live }) => live),
    );
  return seen;
}

async function asItIs(kube: KubernetesCluster, object: ManifestObject): Promise<Preview> {
  const live = await kube.read(identityOf(object));
  return { live, applied: live };
}

/** A look has to work while a webhook that would judge the object is down. */
async function previewed(kube: KubernetesCluster, object: ManifestObject): Promise<Preview> {
  try {
    return await kube.preview(object);
  } catch (error) {
    if (!/failed calling webhook/.test(messageOf(error))) throw error;
    const live = await kube.read(identityOf(object));
    return { live, applied: live && overlaid(live, object) };
  }
}

/** The first eight hex digits of the SHA-256 of base64 data, so that two values can be distinguished. */
export const fingerprint = (base64: string): string =>
  `sha256:${createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex').slice(0, 8)}`;

const DIFFERS = 'it differs from what is wanted';
const REMADE = `${DIFFERS}, and has to be made again`;

export function decideObjects(seen: readonly ObjectSeen[]): Step[] {
  return seen.flatMap(({ wanted, live, applied, remade }): Step[] => {
    const object = objectName(wanted);
    if (live === undefined || applied === undefined) return [{ verb: 'create', object, because: 'it is not there' }];
    const diff = fieldDiff(live, applied, fingerprint);
    return diff.length === 0 ? [] : [{ verb: 'change', object, because: remade === true ? REMADE : DIFFERS, diff }];
  });
}

/** Secrets that are there, with what is in the store now. */
export const secretsOnly = (steps: Step[]): Step[] =>
  steps.filter(({ verb, object }) => verb === 'change' && object.startsWith('Secret/'));

/** Only what carries our label goes. The last object goes first. */
export const removeObjects = (seen: readonly ObjectSeen[]): Step[] =>
  [...seen]
    .reverse()
    .filter(({ live }) => live?.metadata?.labels?.[OWNER_LABEL] === FIELD_MANAGER)
    .map(({ wanted }) => ({ verb: 'delete', object: objectName(wanted), because: 'leafspan created it' }));

export interface ApplyOptions {
  /** For deletions, in seconds; the pod's own when absent. */
  graceSeconds?: number;
}

/** Applies what the steps name, namespaces first and the rest side by side, and deletes in the order of the steps. */
export async function actOnObjects(
  site: Site,
  steps: readonly Step[],
  seen: readonly ObjectSeen[],
  { graceSeconds }: ApplyOptions = {},
): Promise<void> {
  const kube = await site.kube();
  const named = steps.flatMap(({ verb, object }) =>
    seen.filter(({ wanted }) => objectName(wanted) === object).map(({ wanted }) => ({ verb, object, wanted })),
  );
  const applied = named.filter(({ verb }) => verb !== 'delete').map(({ wanted }) => wanted);
  site.work.heartbeat(named.map(({ verb, object }) => `${verb} ${object}`).join(', '));
  await kube.apply(applied.filter(isNamespace));
  await mapLimited(
    applied.filter((object) => !isNamespace(object)),
    (object) => kube.apply([object]),
  );
  for (const { verb, wanted } of named) if (verb === 'delete') await kube.remove(identityOf(wanted), graceSeconds);
}

const isNamespace = ({ kind }: ManifestObject): boolean => kind === 'Namespace';
