import type { KubernetesObject, V1NamespaceStatus } from '@kubernetes/client-node';
import type { ObjectRef } from '../../domain/kubernetes/objects.js';
import { mapLimited } from '../waiting/limited.js';
import { objectName } from './object-name.js';
import type { Site } from '../site.js';
import { awaited } from '../waiting/wait.js';

const GONE_TIMEOUT_MS = 3 * 60_000;

/** Waits until objects that were deleted are no longer there. @throws ProvisionError NOT_READY with what holds them */
export async function awaitGone(site: Site, refs: readonly ObjectRef[]): Promise<void> {
  const kube = await site.kube();
  const look = `kubectl get ${refs.map(({ kind, metadata: { name } }) => `${kind}/${name}`).join(' ')} -A -o yaml`;
  await awaited(site, { timeoutMs: GONE_TIMEOUT_MS, look }, async () => {
    const seen = await mapLimited(refs, (ref) => kube.read<KubernetesObject & { status?: V1NamespaceStatus }>(ref));
    return seen.map(whyThere).find((why) => why !== undefined);
  });
}

/** A namespace whose deletion does not finish reports what holds it. */
function whyThere(seen: (KubernetesObject & { status?: V1NamespaceStatus }) | undefined): string | undefined {
  if (seen === undefined) return undefined;
  const holding = (seen.kind === 'Namespace' ? (seen.status?.conditions ?? []) : [])
    .filter(({ status, type }) => status === 'True' && type !== 'NamespaceDeletionDiscoveryFailure')
    .map(({ message = '' }) => message)
    .join('; ');
  return `${objectName(seen)} is still there${holding === '' ? '' : `: ${holding}`}`;
}
