import { keyedRole, leafRole, natsUser } from '../../../domain/nats/names.js';
import { monitorPath, parseLeafz, type Leafz } from '../../../domain/nats/monitor.js';
import { connectionsOfPath, parseConnz, type Connection } from '../../../domain/nats/strangers.js';
import type { Site } from '../../site.js';

/** The links of a cluster's NATS server. */
export async function leafzOf(site: Site, app: 'nats-broker' | 'nats-leaf'): Promise<Leafz> {
  return parseLeafz(await page(site, monitorPath(app, 'leafz')));
}

/** The links that the broker has for an account, with what the leaf nodes listen to. */
export async function linksOf(hub: Site, account: string): Promise<Leafz> {
  return parseLeafz(await page(hub, monitorPath('nats-broker', `leafz?subs=1&acc=${account}`)));
}

/** The connections that the broker has from a leaf's user. */
export async function connectionsOf(hub: Site, leaf: string): Promise<Connection[]> {
  const { connections = [] } = parseConnz(
    await page(hub, connectionsOfPath(natsUser(keyedRole(leafRole(leaf), leaf, hub.scope.settings.nats.leafKeys)))),
  );
  return connections;
}

async function page(site: Site, path: string): Promise<string> {
  const { status, body } = await (await site.kube()).get(path);
  if (status !== 200) throw new Error(`the NATS server on ${site.cluster} does not respond: status ${status}`);
  return body;
}
