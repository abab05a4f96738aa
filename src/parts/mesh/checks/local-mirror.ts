import { LOCAL_MIRROR, MULTICLUSTER_NAMESPACE } from '../../../domain/linkerd/names.js';
import type { Check } from '../../check.js';
import { available } from '../../objects/availability.js';
import { controlPlaneAvailable } from './linkerd.js';

/**
 * The extension has it in every cluster. Nothing of ours goes through it, so no part waits for it: now and then the kubelet
 * asks its proxy too soon, and again 10 s later.
 */
export const localMirrorAvailable = (cluster: string): Check =>
  available(
    {
      id: 'local-mirror-available',
      category: 'multicluster',
      subject: cluster,
      title: 'the local mirror is available',
      needs: [controlPlaneAvailable(cluster)],
    },
    MULTICLUSTER_NAMESPACE,
    [LOCAL_MIRROR],
  );
