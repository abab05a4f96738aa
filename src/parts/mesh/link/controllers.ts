import type { V1Deployment } from '@kubernetes/client-node';
import type { Step } from '../../../contract/plan.js';
import { mirrorController, MULTICLUSTER_NAMESPACE } from '../../../domain/linkerd/names.js';
import {
  controllersWithOldCredentials,
  podsOf,
  staleControllers,
} from '../../../domain/multicluster/stale-controller.js';
import { type ObjectSeen } from '../../objects/objects.js';
import { objectName } from '../../objects/object-name.js';
import { touching } from '../../part.js';
import type { Site } from '../../site.js';

/** Pods of the mirror controller, and those of them that follow what the Link was before. */
export interface Controllers {
  all: string[];
  stale: string[];
}

const deploymentOf = (hub: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: mirrorController(hub), namespace: MULTICLUSTER_NAMESPACE },
});

/** @param objects Link and credentials, as they were seen */
export async function seeControllers(site: Site, hub: string, objects: readonly ObjectSeen[]): Promise<Controllers> {
  const kube = await site.kubeIfUp();
  const selector = podsOf(await kube?.read<V1Deployment>(deploymentOf(hub)));
  if (kube === undefined || selector === '') return { all: [], stale: [] };
  const pods = await kube.pods(MULTICLUSTER_NAMESPACE, selector);
  const live = (kind: string) => followed(objects).find(({ wanted }) => wanted.kind === kind)?.live;
  const stale = [...staleControllers(live('Link'), pods), ...controllersWithOldCredentials(live('Secret'), pods)];
  return { all: pods.map(({ metadata }) => metadata?.name ?? ''), stale };
}

/** The Link and the credentials that the controller reads; the control plane has others. */
const followed = (objects: readonly ObjectSeen[]): ObjectSeen[] =>
  objects.filter(({ wanted: { metadata } }) => metadata.namespace === MULTICLUSTER_NAMESPACE);

/** A controller goes by the Link and the credentials that it saw at its start. */
export function restartController(
  steps: readonly Step[],
  objects: readonly ObjectSeen[],
  { all, stale }: Controllers,
  hub: string,
): Step[] {
  const changed = followed(objects).some(({ wanted }) => touching(steps, objectName(wanted))?.verb === 'change');
  if (stale.length === 0 && (all.length === 0 || !changed)) return [];
  const because = 'it follows the Link and the credentials of its start';
  return [{ verb: 'restart', object: objectName(deploymentOf(hub)), because }];
}

export async function actOnController(
  site: Site,
  steps: readonly Step[],
  { all }: Controllers,
  hub: string,
): Promise<void> {
  if (touching(steps, objectName(deploymentOf(hub))) === undefined) return;
  const kube = await site.kube();
  const pod = (name: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: MULTICLUSTER_NAMESPACE },
  });
  for (const name of all) await kube.remove(pod(name));
}
