import type { ObjectRef } from '../domain/kubernetes/objects.js';
import { namespaceGone } from './namespace-gone.js';
import { objectName } from './objects.js';
import type { Site } from './site.js';
import { awaited } from './wait.js';

const GONE_TIMEOUT_MS = 3 * 60_000;

/** Waits until objects that were deleted are no longer there. @throws ProvisionError NOT_READY */
export async function awaitGone(site: Site, refs: readonly ObjectRef[]): Promise<void> {
  const kube = await site.kube();
  for (const { metadata } of refs.filter(isNamespace)) await namespaceGone(site, metadata.name);
  const others = refs.filter((ref) => !isNamespace(ref));
  await awaited(site, { timeoutMs: GONE_TIMEOUT_MS, look: `kubectl get ${kindsOf(others)} -A` }, async () => {
    for (const ref of others) if ((await kube.read(ref)) !== undefined) return `${objectName(ref)} is still there`;
    return undefined;
  });
}

const isNamespace = ({ kind }: ObjectRef): boolean => kind === 'Namespace';

const kindsOf = (refs: readonly ObjectRef[]): string =>
  [...new Set(refs.map(({ kind }) => kind.toLowerCase()))].join(',');
