import type { V1Service } from '@kubernetes/client-node';
import type { Leafz } from '../domain/checks/world.js';
import { metricsPath, parseConnections } from '../domain/multicluster/connections.js';
import { formerPath } from '../domain/multicluster/link-path.js';
import { monitorPath } from '../domain/nats/monitor.js';
import type { Gateway, Host } from '../contract/topology.js';
import { guarded } from './activity.js';
import type { Ports } from '../parts/ports.js';
import { mirrorHost, mirrorService, NATS_NAMESPACE, NATS_PORTS } from '../domain/nats/names.js';

/** The two ends of a link, and the gateway between them. */
export interface PathInput {
  server: Host;
  broker: Host;
  gateway: Gateway;
}

const LEAF_POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'nats-leaf-0', namespace: NATS_NAMESPACE } };

export const leafPathActivities = ({ kubernetes }: Ports) => ({
  /** Restarts a leaf node whose link goes by a mirrored Service or a gateway that is no more. Before the first leaf node: nothing. */
  redialLeafNode: guarded(async ({ server, broker, gateway }: PathInput, work) => {
    const cluster = await kubernetes.cluster(server, work);
    const name = mirrorService(broker.cluster);
    const [service, leafz, metrics] = await Promise.all([
      cluster.read<V1Service>({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: NATS_NAMESPACE } }),
      cluster.get(monitorPath('nats-leaf', 'leafz')),
      cluster.get(metricsPath('nats-leaf')),
    ]);
    const { leafs = [] } = leafz.status === 200 ? (JSON.parse(leafz.body) as Partial<Leafz>) : {};
    const former = formerPath(
      {
        dialled: leafs.filter(({ is_spoke }) => is_spoke).map(({ ip, port }) => `${ip ?? '?'}:${port ?? '?'}`),
        clusterIp: service?.spec?.clusterIP,
        connections: metrics.status === 200 ? parseConnections(metrics.body) : [],
      },
      {
        mirror: `${mirrorHost(broker.cluster)}:${NATS_PORTS.leaf}`,
        gateway: `${broker.externalAddress}:${gateway.port}`,
      },
    );
    if (former.length === 0 || !(await cluster.remove(LEAF_POD))) return { changed: [] };
    return { changed: [`restarted nats-leaf-0 on ${server.cluster}, whose link went by ${former.join(', ')}`] };
  }),
});
