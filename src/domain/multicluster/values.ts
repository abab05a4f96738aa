import type { Gateway } from '../../contract/topology/topology.js';

/** The chart would make an account for other clusters; each leaf cluster has one of its own, see accounts.ts. */
const withoutAccount = { remoteMirrorServiceAccount: false };

/** Values of Linkerd's multicluster chart on the hub: the gateway. */
export const hubValues = ({ exposure, port, probePort }: Gateway): object => ({
  gateway:
    exposure === 'loadBalancer'
      ? { serviceType: 'LoadBalancer', port, probe: { port: probePort } }
      : { serviceType: 'NodePort', nodePort: port, probe: { nodePort: probePort } },
  ...withoutAccount,
});

/**
 * Values on a leaf cluster: no gateway, since the leaf node dials and is never dialled, and the controller of its one link.
 * The Service through which the controller probes the gateway must declare the very port that the Link names: with the
 * default it refuses a NodePort's probe, and keeps refusing after a change.
 */
export const leafValues = (broker: string, { probePort }: Gateway): object => ({
  gateway: { enabled: false },
  controllers: [{ link: { ref: { name: broker } }, gateway: { probe: { port: probePort } } }],
  ...withoutAccount,
});
