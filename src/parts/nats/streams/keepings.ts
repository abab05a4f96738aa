import { isHub, type Scope } from '../../../contract/topology/scope.js';
import type { Account } from '../../../contract/topology/topology.js';
import { accountsOfLeaf } from '../../../domain/accounts/accounts.js';
import { mayKeepStreams, keptIn, leafOfMirror, mirroredFor } from '../../../domain/accounts/streams.js';
import { LEAF_MARK, streamSpec, type Keeping, type StreamSeen } from '../../../domain/nats/streams/streams.js';
import type { Site } from '../../site.js';
import { withStreamsIfUp } from './manager.js';
import { storesOf } from './stores.js';

/** What an account is to keep at a server, before anyone has looked there. */
export interface Wish extends Omit<Keeping, 'seen'> {
  at: 'here' | 'hub';
  /** The broker of many leaf clusters has many copies, each of which is one cluster's to look at. */
  concerns: (stream: string) => boolean;
}

/**
 * What a cluster's part makes. The hub's keeps the broker's own streams, and takes out copies of leaf clusters that are
 * gone; that of a leaf cluster keeps its streams, and their copies at the hub, each of which is its own to make.
 */
export function wishesOf(scope: Scope): Wish[] {
  const { settings, cluster } = scope;
  if (!mayKeepStreams(settings.nats)) return [];
  const common = { topology: settings.name, deleteData: settings.deleteData === true };
  const accounts = settings.nats.accounts ?? [];
  const specs = ({ streams }: Pick<ReturnType<typeof keptIn>, 'streams'>) =>
    streams.map((stream) => streamSpec(settings.name, stream));
  const kept = (account: Account): Pick<Wish, 'account' | 'wanted' | 'consumers'> => {
    const { streams, consumers } = keptIn(account, cluster);
    return { account: account.name, wanted: specs({ streams }), consumers };
  };
  if (isHub(scope)) {
    const leaves = new Set(scope.leaves);
    const isGone = (leaf: string | undefined): boolean => leaf === undefined || !leaves.has(leaf);
    const concerns = (stream: string): boolean => isGone(leafOfMirror(stream));
    return accounts.map((account) => ({
      ...common,
      ...kept(account),
      at: 'here',
      concerns,
      isMine: ({ metadata }) => isGone(metadata[LEAF_MARK]),
    }));
  }
  return accountsOfLeaf(accounts, cluster.name).flatMap((account): Wish[] => {
    const { streams, consumers } = mirroredFor(account, { hub: settings.broker.name, leaf: cluster.name });
    return [
      { ...common, ...kept(account), at: 'here', concerns: () => true, isMine: () => true },
      {
        ...common,
        account: account.name,
        wanted: specs({ streams }),
        consumers,
        at: 'hub',
        concerns: (stream) => leafOfMirror(stream) === cluster.name,
        isMine: ({ metadata }) => metadata[LEAF_MARK] === cluster.name,
      },
    ];
  });
}

export const serverOf = (site: Site, { at }: Pick<Wish, 'at'>): Site => (at === 'here' ? site : site.hub);

/** What is there beside what is wanted. Where no server can be asked, nothing is there. */
export const seeKeepings = (site: Site, wishes: readonly Wish[]): Promise<(Keeping & Wish)[]> =>
  Promise.all(
    wishes.map(async (wish) => ({
      ...wish,
      seen: await streamsSeen(serverOf(site, wish), wish),
    })),
  );

async function streamsSeen(server: Site, { account, concerns }: Wish): Promise<StreamSeen[]> {
  if ((await storesOf(server)) === undefined) return [];
  return (await withStreamsIfUp(server, account, (store) => store.streams(concerns))) ?? [];
}
