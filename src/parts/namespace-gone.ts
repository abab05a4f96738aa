import type { V1Namespace } from '@kubernetes/client-node';
import type { Site } from './site.js';
import { awaited } from './wait.js';

const TIMEOUT_MS = 3 * 60_000;

/** Waits until a namespace that was deleted is gone, with all that is in it. @throws ProvisionError NOT_READY, retried */
export async function namespaceGone(site: Site, name: string): Promise<void> {
  const kube = await site.kube();
  const ref = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  const look = `kubectl get namespace ${name} -o yaml`;
  await awaited(site, { timeoutMs: TIMEOUT_MS, look }, async () => whyThere(await kube.read<V1Namespace>(ref)));
}

/** A namespace that hangs in Terminating says itself what holds it. */
function whyThere(seen: V1Namespace | undefined): string | undefined {
  if (seen === undefined) return undefined;
  const holding = (seen.status?.conditions ?? [])
    .filter(({ status, type }) => status === 'True' && type !== 'NamespaceDeletionDiscoveryFailure')
    .map(({ message }) => message ?? '')
    .join('; ');
  return `namespace ${seen.metadata?.name ?? '?'} is still there${holding === '' ? '' : `: ${holding}`}`;
}
