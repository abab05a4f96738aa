import type { KubernetesObject, V1Deployment, V1Pod } from '@kubernetes/client-node';
import { FIELD_MANAGER } from '../../contract/names.js';

/** Label selector of the pods of a Deployment; empty when it has none. */
export const podsOf = (deployment: V1Deployment | undefined): string =>
  Object.entries(deployment?.spec?.selector.matchLabels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',');

/**
 * Names of the mirror controller's pods that knew the Link before it changed. The controller's proxy keeps refusing a
 * probe port that it has refused once, so such pods have to go. Since only the objects decide, it also holds after a step that
 * was interrupted; a Link that never changed makes no pod stale.
 */
export function staleControllers(link: KubernetesObject | undefined, pods: readonly V1Pod[]): string[] {
  const { generation = 1, managedFields = [] } = link?.metadata ?? {};
  const changed = managedFields.find(
    ({ manager, subresource }) => manager === FIELD_MANAGER && subresource === undefined,
  );
  return generation === 1 ? [] : olderThan(changed?.time, pods);
}

/** The same for its credentials, which it reads when it sees the Link and not again. A Secret has no generation. */
export function controllersWithOldCredentials(
  credentials: KubernetesObject | undefined,
  pods: readonly V1Pod[],
): string[] {
  const { creationTimestamp, managedFields = [] } = credentials?.metadata ?? {};
  const ours = managedFields.find(({ manager }) => manager === FIELD_MANAGER);
  if (creationTimestamp === undefined || ours?.time === undefined) return [];
  return timeOf(ours.time) > timeOf(creationTimestamp) ? olderThan(ours.time, pods) : [];
}

const timeOf = (time: Date | string): number => new Date(time).getTime();

const olderThan = (time: Date | string | undefined, pods: readonly V1Pod[]): string[] =>
  pods.flatMap(({ metadata: { name = '', creationTimestamp } = {} }) =>
    time !== undefined && creationTimestamp !== undefined && timeOf(creationTimestamp) < timeOf(time) ? [name] : [],
  );
