import type { KubernetesObject } from '@kubernetes/client-node';
import { NATS_NAMESPACE } from '../../domain/nats/names.js';

/** `Service/nats-broker`; an object in another namespace than NATS's is named with it: `Secret/linkerd/credentials`. */
export function objectName({ kind = '?', metadata }: KubernetesObject): string {
  const name = metadata?.name ?? '?';
  const namespace = metadata?.namespace ?? NATS_NAMESPACE;
  return namespace === NATS_NAMESPACE ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}
