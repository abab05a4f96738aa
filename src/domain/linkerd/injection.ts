import type { V1Pod } from '@kubernetes/client-node';
import { INJECT } from './names.js';
import { NATS_NAMESPACE } from '../nats/names.js';

type Probe = V1Pod & { apiVersion: string; kind: string; metadata: { name: string; namespace: string } };

/** A pod for a server-side dry run: the API server asks the injector about it, and nothing is stored. */
export const injectionProbe = (suffix: string): Probe => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: `leafspan-injection-${suffix}`,
    namespace: NATS_NAMESPACE,
    annotations: { [INJECT]: 'enabled' },
  },
  spec: { containers: [{ name: 'none', image: 'none' }] },
});
