import type { V1Service } from '@kubernetes/client-node';
import { CONNZ_PATH, kickSubject, strangersIn, type Connz } from '../../domain/nats/strangers.js';
import {
  BROKER_CLIENT_SERVICE,
  BROKER_TLS_NAME,
  leafRole,
  NATS_NAMESPACE,
  NATS_PORTS,
  natsUser,
} from '../../domain/nats/names.js';
import { clientOf } from '../../domain/pki/profiles.js';
import { readMaterial } from '../pki/material.js';
import type { Site } from '../site.js';
import { awaited } from '../wait.js';

const CLIENT_SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: BROKER_CLIENT_SERVICE, namespace: NATS_NAMESPACE },
};
const CUT = { timeoutMs: 60_000, look: 'kubectl -n nats-system logs nats-broker-0 -c nats' };

/** The connection of a leaf node that the topology does not have. */
export interface FormerLeaf {
  user: string;
  cid: number;
}

async function connections(site: Site): Promise<Connz> {
  const { status, body } = await (await site.kube()).get(CONNZ_PATH);
  return status === 200 ? (JSON.parse(body) as Connz) : {};
}

const formerIn = (seen: Connz, leaves: readonly string[]): FormerLeaf[] =>
  strangersIn(
    seen,
    leaves.map((leaf) => natsUser(leafRole(leaf))),
  );

export const seeFormerLeaves = async (site: Site, leaves: readonly string[]): Promise<FormerLeaf[]> =>
  formerIn(await connections(site), leaves);

/**
 * Closes the connections of leaf nodes that the topology does not have. Without their user they cannot come back, but a
 * reload leaves open connections as they are.
 */
export async function cutOffLeaves(site: Site, leaves: readonly string[]): Promise<void> {
  const kube = await site.kube();
  const service = await kube.read<V1Service>(CLIENT_SERVICE);
  const identity = await readMaterial(site, clientOf('sys'));
  const tunnel = await site.tunnel(service?.spec?.clusterIP ?? '', NATS_PORTS.client);
  try {
    const connection = await site.ports.nats.connect({ port: tunnel.port, serverName: BROKER_TLS_NAME }, identity);
    try {
      await awaited(site, CUT, async () => {
        const seen = await connections(site);
        const former = formerIn(seen, leaves);
        for (const { cid } of former)
          connection.publish(kickSubject(seen.server_id ?? ''), JSON.stringify({ cid }), '_INBOX.leafspan');
        await connection.flush();
        return former.length === 0 ? undefined : `${former.map(({ user }) => user).join(', ')} is still linked`;
      });
    } finally {
      await connection.close();
    }
  } finally {
    await tunnel.close();
  }
}
