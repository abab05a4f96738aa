import type { Account, AccountUser, Cluster, NatsSettings } from '../../contract/topology/topology.js';
import { forCluster } from './subjects.js';

/** Where a user connects who is in no cluster: the external port of the broker. */
export const OUTSIDE = 'outside';

/** Whether publisher and subscriber run: by default while no account is declared. */
export const hasDemo = ({ demo, accounts = [] }: Pick<NatsSettings, 'demo' | 'accounts'>): boolean =>
  demo ?? accounts.length === 0;

/** A user at one place, with its rules there. */
export interface UserAt {
  account: string;
  name: string;
  /** Name of the cluster at whose NATS server it connects, or `outside`. */
  site: string;
  publish: readonly string[];
  subscribe: readonly string[];
  /** Names of streams, as in the topology. */
  consume: readonly string[];
  secretIn: readonly string[];
}

/** Says of a cluster what `at` asks for. */
export type Place = Pick<Cluster, 'name' | 'role'>;

const connectsAt = ({ at }: AccountUser, { name, role }: Place): boolean =>
  at.includes(name) || at.includes(role === 'broker' ? 'broker' : 'each-leaf');

function userAt(account: Account, user: AccountUser, site: string): UserAt {
  const rendered = (patterns: readonly string[]): string[] => patterns.map((pattern) => forCluster(pattern, site));
  return {
    account: account.name,
    name: user.name,
    site,
    publish: rendered(user.publish),
    subscribe: rendered(user.subscribe),
    consume: user.consume ?? [],
    secretIn: user.secretIn,
  };
}

/** The users of an account in a cluster. */
export const usersIn = (account: Account, place: Place): UserAt[] =>
  account.users.filter((user) => connectsAt(user, place)).map((user) => userAt(account, user, place.name));

/** The users of an account who come by the external port of the broker. */
export const usersOutside = (account: Account): UserAt[] =>
  account.users.filter(({ at }) => at.includes(OUTSIDE)).map((user) => userAt(account, user, OUTSIDE));

/** Users who connect to the NATS server of a cluster: at the broker, those from outside too. */
export const usersServed = (account: Account, place: Place): UserAt[] =>
  place.role === 'broker' ? [...usersIn(account, place), ...usersOutside(account)] : usersIn(account, place);

/** Whether a leaf cluster has a link of its own for the account: it has users there, or a stream. */
export const isLinked = (account: Account, leaf: string): boolean =>
  usersIn(account, { name: leaf, role: 'leaf' }).length > 0 ||
  (account.streams ?? []).some(({ at }) => [at].flat().some((place) => place === leaf || place === 'each-leaf'));

/** The accounts that the NATS server of a leaf cluster has. */
export const accountsOfLeaf = (accounts: readonly Account[], leaf: string): Account[] =>
  accounts.filter((account) => isLinked(account, leaf));

/** Namespaces of a cluster whose applications are users, sorted. */
export const namespacesIn = (accounts: readonly Account[], place: Place): string[] =>
  [...new Set(accounts.flatMap((account) => usersIn(account, place)).flatMap(({ secretIn }) => secretIn))].sort();
