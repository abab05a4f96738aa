import { dressed } from '../domain/linkerd/meshed.js';
import { EXTERNAL_PORTS, externalPorts } from '../domain/nats/external-ports.js';
import { applied } from './changes.js';
import { guarded } from './activity.js';
import type { NatsInput } from './nats-input.js';
import type { Ports } from '../parts/ports.js';

export const externalPortActivities = ({ kubernetes }: Ports) => ({
  /** Opens the broker's ports to clients outside, or closes them, as the topology's edge says. */
  ensureExternalPorts: guarded(async ({ server, nats, mode }: Omit<NatsInput, 'topology'>, work) => {
    const cluster = await kubernetes.cluster(server, work);
    const { edge, clientNodePort: client, leafNodePort: leaf } = nats;
    const wanted = externalPorts(mode === 'direct' ? { client, leaf } : { client });
    if (edge === 'nodePort') return applied(await cluster.apply(dressed(mode, [wanted])), server);
    const removed = await cluster.remove(EXTERNAL_PORTS);
    return { changed: removed ? [`removed Service/${EXTERNAL_PORTS.metadata.name} on ${server.cluster}`] : [] };
  }),
});
