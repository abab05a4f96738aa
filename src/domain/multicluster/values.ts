import type { Gateway } from '../../contract/topology.js';
import { linkAccount } from '../linkerd/names.js';

/** Values of Linkerd's multicluster chart on the broker cluster: the gateway, and an account for each leaf cluster. */
export const gatewayValues = ({ exposure, port, probePort }: Gateway, leaves: readonly string[]): object => ({
  gateway:
    exposure === 'loadBalancer'
      ? { serviceType: 'LoadBalancer', port, probe: { port: probePort } }
      : { serviceType: 'NodePort', nodePort: port, probe: { nodePort: probePort } },
  remoteMirrorServiceAccountName: leaves.map(linkAccount).join(','),
});

/**
 * Values on a leaf cluster: no gateway, since the leaf node dials and is never dialled, and the controller of its one link.
 * The Service through which the controller probes the gateway must declare the very port that the Link names: with the
 * default it refuses a NodePort's probe, and goes on refusing after a change.
 */
export const mirrorValues = (broker: string, { probePort }: Gateway): object => ({
  gateway: { enabled: false },
  controllers: [{ link: { ref: { name: broker } }, gateway: { probe: { port: probePort } } }],
});
