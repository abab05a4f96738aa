import type { V1Service } from '@kubernetes/client-node';
import {
  BROKER_CLIENT_SERVICE,
  BROKER_SERVICE,
  BROKER_TLS_NAME,
  inboxPrefix,
  LEAF_SERVICE,
  LEAF_TLS_NAME,
  NATS_NAMESPACE,
  NATS_PORTS,
} from '../../domain/nats/names.js';
import { clientOf } from '../../domain/pki/profiles.js';
import { readMaterial } from '../pki/material.js';
import type { NatsConnection, NatsIdentity, NatsTarget } from '../ports.js';
import type { Site } from '../site.js';

interface Address {
  address: string;
  port: number;
}

/** A port of a cluster's NATS server, as the cluster's host dials it. */
export interface Door {
  site: Site;
  /** The name that the server's certificate must carry. */
  serverName: string;
  find(): Promise<Address>;
}

/** Where clients get in at the broker; the list of parts chooses it by the edge. */
export type BrokerDoor = (hub: Site) => Door;

/**
 * The port that is open to clients outside. Its own host dials it at the internal address: few networks let a host reach
 * itself by an address that is translated.
 */
export const externalDoor: BrokerDoor = (site) => ({
  site,
  serverName: BROKER_TLS_NAME,
  find: () => Promise.resolve({ address: site.host.internalAddress, port: site.scope.settings.nats.clientNodePort }),
});

export const serviceDoor: BrokerDoor = (site) => ({
  site,
  serverName: BROKER_TLS_NAME,
  find: () => serviceAddress(site, BROKER_CLIENT_SERVICE, NATS_PORTS.client),
});

/** The port of the broker for leaf nodes. */
export const linkDoor = (hub: Site): Door => ({
  site: hub,
  serverName: BROKER_TLS_NAME,
  find: () => serviceAddress(hub, BROKER_SERVICE, NATS_PORTS.leaf),
});

export const leafDoor = (site: Site): Door => ({
  site,
  serverName: LEAF_TLS_NAME,
  find: () => serviceAddress(site, LEAF_SERVICE, NATS_PORTS.client),
});

async function serviceAddress(site: Site, name: string, port: number): Promise<Address> {
  const kube = await site.kube();
  const ref = { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: NATS_NAMESPACE } };
  const address = (await kube.read<V1Service>(ref))?.spec?.clusterIP;
  if (address === undefined) throw new Error(`Service ${name} is not there`);
  return { address, port };
}

/** Opens a tunnel to the door for as long as it is used. */
export async function through<T>(door: Door, use: (target: NatsTarget) => Promise<T>): Promise<T> {
  const { site, serverName } = door;
  const { address, port } = await door.find();
  const tunnel = await site.tunnel(address, port);
  try {
    return await use({ port: tunnel.port, serverName, inboxPrefix: inboxPrefix(site.cluster) });
  } finally {
    await tunnel.close();
  }
}

/** Connects as a role of the topology for as long as the connection is used. @throws the client's own error */
export const withClient = <T>(door: Door, role: string, use: (client: NatsConnection) => Promise<T>): Promise<T> =>
  through(door, async (target) => {
    const client = await door.site.ports.nats.connect(target, await readMaterial(door.site, clientOf(role)));
    try {
      return await use(client);
    } finally {
      await client.close();
    }
  });

/** A connection of one's own, with the tunnel that it goes through. @throws the client's own error */
export async function openClient(
  door: Door,
  identity: NatsIdentity,
  inboxes: string,
): Promise<{ client: NatsConnection; close: () => Promise<void> }> {
  const { site, serverName } = door;
  const { address, port } = await door.find();
  const tunnel = await site.tunnel(address, port);
  try {
    const client = await site.ports.nats.connect({ port: tunnel.port, serverName, inboxPrefix: inboxes }, identity);
    return {
      client,
      close: async () => {
        await client.close();
        await tunnel.close();
      },
    };
  } catch (error) {
    await tunnel.close();
    throw error;
  }
}
