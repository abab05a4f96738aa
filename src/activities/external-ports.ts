import { service } from '../domain/nats/manifests.js';
import { applied } from './changes.js';
import { guarded } from './activity.js';
import { dressed, type NatsInput } from './nats-input.js';
import type { Ports } from '../parts/ports.js';
import { NATS_NAMESPACE, NATS_PORTS } from '../domain/nats/names.js';

const NAME = 'nats-broker-external';

export const externalPortActivities = ({ kubernetes }: Ports) => ({
  /** Opens the broker's ports to clients outside, or closes them, as the topology's edge says. */
  ensureExternalPorts: guarded(async ({ server, nats, mode }: Omit<NatsInput, 'topology'>, work) => {
    const cluster = await kubernetes.cluster(server, work);
    const wanted = service(
      NAME,
      'nats-broker',
      [
        { name: 'client', port: NATS_PORTS.client, nodePort: nats.clientNodePort },
        // Through the mesh no leaf node dials from outside, so nobody needs the port.
        ...(mode === 'direct' ? [{ name: 'leaf' as const, port: NATS_PORTS.leaf, nodePort: nats.leafNodePort }] : []),
      ],
      'NodePort',
    );
    if (nats.edge === 'nodePort') return applied(await cluster.apply(dressed(mode, [wanted])), server);
    const ref = { apiVersion: 'v1', kind: 'Service', metadata: { name: NAME, namespace: NATS_NAMESPACE } };
    return { changed: (await cluster.remove(ref)) ? [`removed Service/${NAME} on ${server.cluster}`] : [] };
  }),
});
