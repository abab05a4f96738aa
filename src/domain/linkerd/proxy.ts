import type { V1PodSpec } from '@kubernetes/client-node';
import { PROXY_CONTAINER } from './names.js';

/** Native sidecars are init containers; an older Linkerd, or a setting, makes them containers. */
export const hasProxy = (spec: Pick<V1PodSpec, 'containers' | 'initContainers'> | undefined): boolean =>
  [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].some(({ name }) => name === PROXY_CONTAINER);
