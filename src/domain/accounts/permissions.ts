import type { Account } from '../../contract/topology/topology.js';
import { OUTSIDE, type UserAt } from './accounts.js';
import { coveredBy, forCluster } from './subjects.js';

/** What one side may send and hear. */
export interface Rules {
  publish: string[];
  subscribe: string[];
}

/** Inboxes of a user, which no other user may listen to. */
export const inboxPrefixOf = ({ site, name }: Pick<UserAt, 'site' | 'name'>): string => `_INBOX.${site}.${name}`;

const inboxesAt = (site: string): string => `_INBOX.${site}.>`;

/** What a user may do at its own NATS server. It replies to what it receives without a rule, see `allow_responses`. */
export const userRules = (user: UserAt): Rules => ({
  publish: [...user.publish],
  subscribe: [...user.subscribe, `${inboxPrefixOf(user)}.>`],
});

/**
 * What crosses the link of a leaf cluster, seen from the leaf. It depends on the account only and on no user: a link keeps
 * the permissions that it began with, and would have to be cut for every user that comes.
 */
export const linkRules = (account: Account, hub: string, leaf: string): Rules => {
  const subjects = account.subjects.map((pattern) => forCluster(pattern, leaf));
  return {
    publish: [...subjects, inboxesAt(hub), inboxesAt(OUTSIDE)],
    subscribe: [...subjects, inboxesAt(leaf)],
  };
};

export const maySend = (user: UserAt, subject: string): boolean => coveredBy(user.publish, subject);
export const mayHear = (user: UserAt, subject: string): boolean => coveredBy(user.subscribe, subject);
