import { CONNZ_PATH, kickSubject, parseConnz, strangersIn, type Connz } from '../../../domain/nats/strangers.js';
import { leafRole, natsUser } from '../../../domain/nats/names.js';
import type { Site } from '../../site.js';
import { awaited } from '../../waiting/wait.js';
import { serviceDoor, withClient } from '../clients.js';

const CUT = { timeoutMs: 60_000, look: 'kubectl -n nats-system logs nats-broker-0 -c nats' };

/** The connection of a leaf node that the topology does not have. */
export interface FormerLeaf {
  user: string;
  cid: number;
}

async function connections(site: Site): Promise<Connz> {
  const { status, body } = await (await site.kube()).get(CONNZ_PATH);
  return status === 200 ? parseConnz(body) : {};
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
export const cutOffLeaves = (site: Site, leaves: readonly string[]): Promise<void> =>
  withClient(serviceDoor(site), 'sys', (connection) =>
    awaited(site, CUT, async () => {
      const seen = await connections(site);
      const former = formerIn(seen, leaves);
      for (const { cid } of former)
        connection.publish(kickSubject(seen.server_id ?? ''), JSON.stringify({ cid }), '_INBOX.leafspan');
      await connection.flush();
      return former.length === 0 ? undefined : `${former.map(({ user }) => user).join(', ')} is still linked`;
    }),
  );
