import type { NodePorts } from '../../domain/nats/objects/external-ports.js';
import { BROKER_TLS_NAME } from '../../domain/nats/names.js';
import type { Door } from '../nats/clients.js';
import type { Site } from '../site.js';

/** The edge's ports of the hub's host that lead to the broker, as that host dials them. */
export const edgeDoors = (site: Site, { client, leaf }: NodePorts): Door[] =>
  [client, leaf]
    .filter((port) => port !== undefined)
    .map((port) => ({
      site,
      serverName: BROKER_TLS_NAME,
      find: () => Promise.resolve({ address: site.host.internalAddress, port }),
    }));
