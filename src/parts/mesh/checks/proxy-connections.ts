import { metricsPath, parseConnections, type ProxyConnection } from '../../../domain/multicluster/connections.js';
import type { Site } from '../../site.js';

/** Open connections of the proxy beside a NATS server. */
export async function proxyConnections(site: Site, app: 'nats-broker' | 'nats-leaf'): Promise<ProxyConnection[]> {
  const { status, body } = await (await site.kube()).get(metricsPath(app));
  if (status !== 200) throw new Error(`the proxy of ${app}-0 does not respond: status ${status}`);
  return parseConnections(body);
}
