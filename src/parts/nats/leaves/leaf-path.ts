import type { V1Service } from '@kubernetes/client-node';
import { metricsPath, parseConnections } from '../../../domain/multicluster/connections.js';
import { formerPath } from '../../../domain/multicluster/link-path.js';
import { dialledBy, monitorPath, parseLeafz } from '../../../domain/nats/monitor.js';
import { NATS_NAMESPACE } from '../../../domain/nats/names.js';
import type { Site } from '../../site.js';

/** The path that a link mode wants a leaf node's link to take. */
export interface LeafPath {
  /** Service of the leaf cluster that leads to the broker. */
  service: string;
  /** host:port by which the leaf node's proxy knows that Service. */
  mirror: string;
  /** address:port of the hub's gateway. */
  gateway: string;
}

/** Addresses by which the leaf node's link goes and that lead nowhere, now or once the wanted path is there. */
export async function seeFormerPath(site: Site, { service: name, mirror, gateway }: LeafPath): Promise<string[]> {
  const kube = await site.kube();
  const [service, leafz, metrics] = await Promise.all([
    kube.read<V1Service>({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: NATS_NAMESPACE } }),
    kube.get(monitorPath('nats-leaf', 'leafz')),
    kube.get(metricsPath('nats-leaf')),
  ]);
  const seen = {
    dialled: leafz.status === 200 ? dialledBy(parseLeafz(leafz.body)) : [],
    clusterIp: service?.spec?.clusterIP,
    connections: metrics.status === 200 ? parseConnections(metrics.body) : [],
  };
  return formerPath(seen, { mirror, gateway });
}
