import type { Gateway } from '../../contract/topology.js';
import { linkAccount } from '../linkerd/names.js';

const exposed = ({ exposure, port, probePort }: Gateway): object =>
  exposure === 'loadBalancer'
    ? { serviceType: 'LoadBalancer', port, probe: { port: probePort } }
    : { serviceType: 'NodePort', nodePort: port, probe: { nodePort: probePort } };

/** Values of Linkerd's multicluster chart on the broker cluster: the gateway, and an account for each leaf cluster. */
export const gatewayValues = (gateway: Gateway, leaves: readonly string[]): object => ({
  gateway: exposed(gateway),
  remoteMirrorServiceAccountName: leaves.map(linkAccount).join(','),
});

const controller = (broker: string, probePort: number): object => ({
  link: { ref: { name: broker } },
  gateway: { probe: { port: probePort } },
});

/**
 * Values on a leaf cluster: no gateway, since the leaf node dials and is never dialled, and the controller of its one link.
 * The Service through which the controller probes the gateway must declare the very port that the Link names: with the
 * default it refuses a NodePort's probe, and goes on refusing after a change.
 */
export const mirrorValues = (broker: string, { probePort }: Gateway): object => ({
  gateway: { enabled: false },
  controllers: [controller(broker, probePort)],
});

/** The chart would make an account that any cluster could use. */
const withoutAccount = { remoteMirrorServiceAccount: false };

export const hubValues = (gateway: Gateway): object => ({ gateway: exposed(gateway), ...withoutAccount });

export const leafValues = (broker: string, gateway: Gateway): object => ({
  ...mirrorValues(broker, gateway),
  ...withoutAccount,
});
