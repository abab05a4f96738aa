import type { Account } from '../../contract/topology/topology.js';
import { OUTSIDE, type Place, type UserAt } from './accounts.js';
import { coveredBy, forCluster } from './subjects.js';

/** What one side may send and hear. */
export interface Rules {
  publish: string[];
  subscribe: string[];
}

/** Inboxes of a user, which no other user may listen to. */
export const inboxPrefixOf = ({ site, name }: Pick<UserAt, 'site' | 'name'>): string => `_INBOX.${site}.${name}`;

const inboxesAt = (site: string): string => `_INBOX.${site}.>`;

/**
 * What a user may do at its own NATS server. It replies to what it receives without a rule, see `allow_responses`. Its
 * consumers are made for it: a user who may make one can have messages sent to any subject of the account.
 */
export const userRules = (user: UserAt): Rules => ({
  publish: [...user.publish, ...(user.consume.length === 0 ? [] : consumerRules(user.name))],
  subscribe: [...user.subscribe, `${inboxPrefixOf(user)}.>`],
});

const consumerRules = (consumer: string): string[] => [
  `$JS.API.CONSUMER.INFO.*.${consumer}`,
  `$JS.API.CONSUMER.MSG.NEXT.*.${consumer}`,
  `$JS.ACK.*.${consumer}.>`,
];

/** JetStream domain of a cluster's NATS server. Without domains of their own, two servers would take each other's requests. */
export const domainOf = ({ name, role }: Place): string => (role === 'broker' ? 'hub' : `leaf-${name}`);

/** Where the messages of a leaf cluster's streams arrive at the broker, which keeps copies. */
export const mirrorPrefix = (leaf: string): string => `leafspan.mirror.${leaf}`;

/** leafspan itself, which makes streams and consumers. No user's name begins with an underscore. */
export const managerInboxes = (site: string): string => `_INBOX.${site}._streams`;
export const managerRules = (site: string): Rules => ({
  publish: ['$JS.API.>'],
  subscribe: [`${managerInboxes(site)}.>`],
});

/**
 * What crosses the link of a leaf cluster, seen from the leaf. It depends on the account only and on no user: a link keeps
 * the permissions that it began with, and would have to be cut for every user that comes.
 */
export const linkRules = (account: Account, hub: string, leaf: string): Rules => {
  const subjects = account.subjects.map((pattern) => forCluster(pattern, leaf));
  const mirrored = mirrorRules(leaf);
  return {
    publish: [...subjects, inboxesAt(hub), inboxesAt(OUTSIDE), ...mirrored.publish],
    subscribe: [...subjects, inboxesAt(leaf), ...mirrored.subscribe],
  };
};

/**
 * The broker's copy asks the leaf node for a consumer (reply: `$JSC.R`), and gets messages with flow control. They depend on
 * no stream, so that one that comes cuts no link.
 */
const mirrorRules = (leaf: string): Rules => ({
  publish: ['$JSC.R.>', `${mirrorPrefix(leaf)}.>`],
  subscribe: [`$JS.${domainOf({ name: leaf, role: 'leaf' })}.API.CONSUMER.CREATE.>`, '$JS.FC.>'],
});

export const maySend = (user: UserAt, subject: string): boolean => coveredBy(user.publish, subject);
export const mayHear = (user: UserAt, subject: string): boolean => coveredBy(user.subscribe, subject);
