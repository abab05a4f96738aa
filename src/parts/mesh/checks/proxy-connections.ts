import { metricsPath, parseConnections, type ProxyConnection } from '../../../domain/multicluster/connections.js';
import type { Site } from '../../site.js';

/** Open connections of the proxy beside a NATS server; undefined: there is no proxy that responds. */
export async function proxyConnectionsIfUp(
  site: Site,
  app: 'nats-broker' | 'nats-leaf',
): Promise<ProxyConnection[] | undefined> {
  const kube = await site.kube();
  const { status, body } = await kube.get(metricsPath(app));
  return status === 200 ? parseConnections(body) : undefined;
}

/** @throws Error when no proxy responds */
export async function proxyConnections(site: Site, app: 'nats-broker' | 'nats-leaf'): Promise<ProxyConnection[]> {
  const seen = await proxyConnectionsIfUp(site, app);
  if (seen === undefined) throw new Error(`the proxy of ${app}-0 does not respond`);
  return seen;
}
