import type { V1Service } from '@kubernetes/client-node';
import { CONNZ_PATH, kickSubject, strangersIn, type Connz } from '../domain/nats/strangers.js';
import { clientOf } from '../domain/pki/profiles.js';
import type { Host } from '../contract/topology.js';
import { guarded } from './activity.js';
import { readMaterial } from './material.js';
import type { Ports } from '../parts/ports.js';
import { awaited } from './wait.js';
import {
  BROKER_CLIENT_SERVICE,
  BROKER_TLS_NAME,
  leafRole,
  NATS_NAMESPACE,
  natsUser,
  NATS_PORTS,
} from '../domain/nats/names.js';

interface CutOffInput {
  topology: string;
  server: Host;
  leaves: string[];
}

const CLIENT_SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: BROKER_CLIENT_SERVICE, namespace: NATS_NAMESPACE },
};
const CUT = { timeoutMs: 60_000, look: 'kubectl -n nats-system logs nats-broker-0 -c nats' };

export const cutOffActivities = ({ hosts, kubernetes, secrets, nats, clock }: Ports) => ({
  /**
   * Ends the connections of leaf nodes that the topology no longer has. Without their user they cannot come back, but a
   * reload leaves open connections alone.
   */
  cutOffLeaves: guarded(async ({ topology, server, leaves }: CutOffInput, work) => {
    const cluster = await kubernetes.cluster(server, work);
    const known = leaves.map((leaf) => natsUser(leafRole(leaf)));
    const look = async (): Promise<Connz> => {
      const { status, body } = await cluster.get(CONNZ_PATH);
      return status === 200 ? (JSON.parse(body) as Connz) : {};
    };
    const first = strangersIn(await look(), known);
    if (first.length === 0) return { changed: [] };
    const service = await cluster.read<V1Service>(CLIENT_SERVICE);
    const identity = await readMaterial(secrets, topology, clientOf('sys'));
    const tunnel = await hosts.tunnel(server, service?.spec?.clusterIP ?? '', NATS_PORTS.client, work);
    try {
      const connection = await nats.connect({ port: tunnel.port, serverName: BROKER_TLS_NAME }, identity);
      try {
        await awaited(clock, server, work, CUT, async () => {
          const seen = await look();
          const strangers = strangersIn(seen, known);
          for (const { cid } of strangers)
            connection.publish(kickSubject(seen.server_id ?? ''), JSON.stringify({ cid }), '_INBOX.leafspan');
          await connection.flush();
          return strangers.length === 0 ? undefined : `${strangers.map(({ user }) => user).join(', ')} still linked`;
        });
      } finally {
        await connection.close();
      }
    } finally {
      await tunnel.close();
    }
    return { changed: first.map(({ user }) => `cut off ${user} on ${server.cluster}`) };
  }),
});
