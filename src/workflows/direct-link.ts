import { serverOf } from '../contract/topology.js';
import type { LinkMode } from './link-mode.js';

const nothing = (): Promise<[]> => Promise.resolve([]);

/** The leaf node dials the broker's external port; NATS's own mutual TLS is all that protects it. */
export const directLink: LinkMode = {
  images: () => [],
  onCluster: async (_topology, _host, _step, imported) => [await imported()],
  onBrokerCluster: nothing,
  onLeafCluster: nothing,
  connect: nothing,
  remote: ({ broker, nats }) => `${serverOf(broker).externalAddress}:${nats.leafNodePort}`,
};
