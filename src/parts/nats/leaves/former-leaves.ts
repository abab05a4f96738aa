import { CONNZ_PATH, kickSubject, parseConnz, strangersIn, type Connz } from '../../../domain/nats/strangers.js';
import type { NatsConnection } from '../../ports.js';
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

/** @param users of the links that the topology has */
export const seeFormerLeaves = async (site: Site, users: readonly string[]): Promise<FormerLeaf[]> =>
  strangersIn(await connections(site), users);

/**
 * Closes the connections of leaf nodes that the topology does not have. Without their user they cannot come back, but a
 * reload leaves open connections as they are.
 */
export const cutOffLeaves = (site: Site, users: readonly string[]): Promise<void> =>
  withClient(serviceDoor(site), 'sys', (connection) =>
    awaited(site, CUT, async () => {
      const seen = await connections(site);
      const former = strangersIn(seen, users);
      await close(connection, seen, former);
      return former.length === 0 ? undefined : `${former.map(({ user }) => user).join(', ')} is still linked`;
    }),
  );

/** Closes the links of accounts, once each. Their leaf nodes dial again at once, and get the rules of now. */
export const renewLinks = (site: Site, accounts: readonly string[]): Promise<void> =>
  withClient(serviceDoor(site), 'sys', async (connection) => {
    const seen = await connections(site);
    await close(
      connection,
      seen,
      (seen.connections ?? []).filter(({ kind, account }) => kind === 'Leafnode' && accounts.includes(account ?? '')),
    );
  });

async function close(
  client: NatsConnection,
  { server_id: id = '' }: Connz,
  all: readonly { cid: number }[],
): Promise<void> {
  for (const { cid } of all) client.publish(kickSubject(id), JSON.stringify({ cid }), '_INBOX.leafspan');
  await client.flush();
}
