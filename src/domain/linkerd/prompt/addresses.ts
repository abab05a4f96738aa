import type { KubernetesObject, V1Service } from '@kubernetes/client-node';

/**
 * Proxies find the control plane by the names of its headless Services. While none of its pods is ready such a name has no
 * address, the cluster's DNS remembers that for 5 s, and a proxy asks again after 5 s: at each start of the control plane
 * those waits add up. With the addresses of pods that are not ready yet, a proxy connects again within a second instead.
 */
export function withPromptAddresses<T extends KubernetesObject>(object: T): T {
  if (object.kind !== 'Service') return object;
  const { spec } = object as T & V1Service;
  return spec?.clusterIP === 'None' ? { ...object, spec: { ...spec, publishNotReadyAddresses: true } } : object;
}
