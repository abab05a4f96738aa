import { messageOf } from '../../../contract/caught.js';
import { managerCertificate } from '../../../domain/accounts/names.js';
import { managerInboxes } from '../../../domain/accounts/permissions.js';
import { readMaterial } from '../../pki/material.js';
import type { StreamStore } from '../../ports.js';
import { isHub } from '../../../contract/topology/scope.js';
import type { Site } from '../../site.js';
import { leafDoor, openClient, serviceDoor } from '../clients.js';

/** Opens the streams of an account at the NATS server of a cluster for as long as they are used. @throws the client's own error */
export async function withStreams<T>(site: Site, account: string, use: (store: StreamStore) => Promise<T>): Promise<T> {
  const identity = await readMaterial(site, managerCertificate(account, site.cluster));
  const door = isHub(site.scope) ? serviceDoor(site) : leafDoor(site);
  const { client, close } = await openClient(door, identity, managerInboxes(site.cluster));
  try {
    return await use(await client.streams());
  } finally {
    await close();
  }
}

/** The same for looks: undefined while there is no server that could be asked, or it does not know the account yet. */
export async function withStreamsIfUp<T>(
  site: Site,
  account: string,
  use: (store: StreamStore) => Promise<T>,
): Promise<T | undefined> {
  if ((await site.kubeIfUp()) === undefined) return undefined;
  try {
    return await withStreams(site, account, use);
  } catch (error) {
    site.work.signal.throwIfAborted();
    site.work.heartbeat(messageOf(error));
    return undefined;
  }
}
