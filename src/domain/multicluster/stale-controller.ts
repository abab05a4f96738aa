import type { KubernetesObject, V1Deployment, V1Pod } from '@kubernetes/client-node';
import { FIELD_MANAGER } from '../../contract/names.js';

/** Label selector of the pods of a Deployment; empty when it has none. */
export const podsOf = (deployment: V1Deployment | undefined): string =>
  Object.entries(deployment?.spec?.selector.matchLabels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',');

/**
 * Names of the mirror controller's pods that knew the Link before it changed. The controller's proxy goes on refusing a
 * probe port that it has refused once, so such pods have to go. Seen from the objects alone, it holds after a step that
 * was cut off too; a Link that never changed makes no pod stale.
 */
export function staleControllers(link: KubernetesObject | undefined, pods: readonly V1Pod[]): string[] {
  const { generation = 1, managedFields = [] } = link?.metadata ?? {};
  const changed = managedFields.find(
    ({ manager, subresource }) => manager === FIELD_MANAGER && subresource === undefined,
  );
  if (generation === 1 || changed?.time === undefined) return [];
  const at = new Date(changed.time).getTime();
  return pods.flatMap(({ metadata: { name = '', creationTimestamp } = {} }) =>
    creationTimestamp !== undefined && new Date(creationTimestamp).getTime() < at ? [name] : [],
  );
}
