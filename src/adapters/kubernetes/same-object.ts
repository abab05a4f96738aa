import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '@kubernetes/client-node';
import { parseObject } from '../../contract/json.js';

/** Written by the API server and by controllers, at any time. */
const OTHERS_METADATA = new Set(['resourceVersion', 'managedFields', 'generation']);
const REVISION = 'deployment.kubernetes.io/revision';

/**
 * Whether an apply left an object as it was. A different resourceVersion proves nothing: between reading and
 * applying, a controller may have written the status.
 */
export function sameObject(before: KubernetesObject | undefined, after: KubernetesObject): boolean {
  if (before === undefined) return false;
  if (before.metadata?.resourceVersion === after.metadata?.resourceVersion) return true;
  return isDeepStrictEqual(ownPart(before), ownPart(after));
}

interface Plain extends Record<string, unknown> {
  metadata?: Record<string, unknown> & { annotations?: Record<string, unknown> };
}

function ownPart(object: KubernetesObject): unknown {
  const { metadata = {}, ...rest } = parseObject<Plain>(JSON.stringify(object), {});
  delete rest['status'];
  const annotations = Object.fromEntries(
    Object.entries(metadata.annotations ?? {}).filter(([key]) => key !== REVISION),
  );
  const kept = Object.entries(metadata).filter(([key]) => !OTHERS_METADATA.has(key));
  return { ...rest, metadata: { ...Object.fromEntries(kept), annotations } };
}
