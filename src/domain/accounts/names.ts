import type { UserAt } from './accounts.js';

const lower = (account: string): string => account.toLowerCase();

/** What stands before `.nats.local` in the DNS name of a user's certificate. */
export const userRole = ({ account, name, site }: Pick<UserAt, 'account' | 'name' | 'site'>): string =>
  `${name}.${lower(account)}.${site}`;

/** The same of a leaf node's link for an account. A user's role has one label more, so the two never meet. */
export const linkRole = (account: string, leaf: string): string => `leaf-${leaf}.${lower(account)}`;

/** Name of a user's certificate in the store. */
export const userCertificate = ({ account, name, site }: Pick<UserAt, 'account' | 'name' | 'site'>): string =>
  `nats/accounts/${lower(account)}/users/${site}/${name}`;

/** The same of leafspan itself, which makes the account's streams. A user's role has one label less. */
export const managerRole = (account: string, site: string): string => `streams.leafspan.${lower(account)}.${site}`;

export const managerCertificate = (account: string, site: string): string =>
  `nats/accounts/${lower(account)}/streams/${site}`;

export const linkCertificate = (account: string, leaf: string): string =>
  `nats/accounts/${lower(account)}/links/${leaf}`;

/** Name of the Secret that an application mounts. */
export const userSecret = ({ account, name }: Pick<UserAt, 'account' | 'name'>): string =>
  `nats-${lower(account).replaceAll('_', '-')}-${name}`;

/** File of a link's certificate in the Secret of the leaf node, without a suffix. */
export const linkFile = (account: string): string => `account-${lower(account)}`;
