import { DEFAULT_STORES } from '../../contract/topology/stores.js';
import type { Account, JetStreamSettings, NatsSettings } from '../../contract/topology/topology.js';
import { accountsOfLeaf, hasDemo, isLinked, usersServed, type Place, type UserAt } from '../accounts/accounts.js';
import { linkRole, managerRole, userRole } from '../accounts/names.js';
import { linkRules, managerRules, userRules, type Rules } from '../accounts/permissions.js';
import { keepsStreams } from '../accounts/streams.js';
import type { NatsValue } from './nats-value.js';
import { BENCH_STREAM, inboxPrefix, keyedRole, leafRole, natsUser, PROBE_PREFIX, type LeafKeys } from './names.js';

/** Subjects of the check's nonces. They cross the link in both directions like any other message. */
export const PROBE_SUBJECTS = `${PROBE_PREFIX}.>`;

export interface Subjects {
  /** The topology's subject of the demonstration, such as `test.messages`; undefined: there is none. */
  subject: string | undefined;
  /** The user's own. */
  accounts: readonly Account[];
  /** Absent: each leaf has its first. */
  leafKeys?: LeafKeys | undefined;
  /** Where streams are kept; undefined: nowhere. */
  jetstream?: JetStreamSettings | undefined;
}

/** What a topology says of messages. */
export const subjectsOf = ({ demo, subject, accounts = [], leafKeys, jetstream }: NatsSettings): Subjects => ({
  subject: hasDemo({ demo, accounts }) ? subject : undefined,
  accounts,
  leafKeys,
  jetstream: keepsStreams({ accounts, jetstream }) ? (jetstream ?? DEFAULT_STORES) : undefined,
});

type User = Record<string, NatsValue>;
const STANDARD = ['STANDARD'];
const NOTHING = { deny: ['>'] };

const user = (role: string, connection: 'STANDARD' | 'LEAFNODE', permissions: NatsValue): User => ({
  user: natsUser(role),
  allowed_connection_types: [connection],
  permissions,
});

const subscriberUser = (subject: string): User =>
  user('subscriber', 'STANDARD', { publish: NOTHING, subscribe: { allow: [subject] } });

/** Where streams are kept it may also make the one of a bench, and no other. */
const probeUser = (subject: readonly string[], { jetstream }: Pick<Subjects, 'jetstream'>): User =>
  user('probe', 'STANDARD', {
    publish: {
      allow: [
        PROBE_SUBJECTS,
        ...(jetstream === undefined
          ? []
          : ['CREATE', 'DELETE'].map((verb) => `$JS.API.STREAM.${verb}.${BENCH_STREAM}`)),
      ],
    },
    subscribe: { allow: [PROBE_SUBJECTS, ...subject] },
  });

/** The accounts of every server. Users are in accounts and not in leafnodes.authorization, which a reload refuses to change. */
const accounts = (
  app: User[],
  own: Record<string, NatsValue>,
  { jetstream }: Pick<Subjects, 'jetstream'>,
): Record<string, NatsValue> => ({
  accounts: {
    SYS: { users: [{ user: natsUser('sys'), allowed_connection_types: STANDARD }] },
    APP: { users: app, ...(jetstream === undefined ? {} : { jetstream: 'enabled' }) },
    ...own,
  },
  system_account: 'SYS',
});

const given = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value]);

export function brokerAccounts(cluster: string, leaves: readonly string[], spec: Subjects): Record<string, NatsValue> {
  const demo = given(spec.subject);
  const inboxes = (of: string): string => `${inboxPrefix(of)}.>`;
  const leafUser = (leaf: string): User =>
    user(keyedRole(leafRole(leaf), leaf, spec.leafKeys), 'LEAFNODE', {
      // It replies to requests of the broker's clients, and gets the replies to its own. The subject is the publisher's: what
      // one leaf sent there, all others would take for a message of the publisher.
      publish: { allow: [PROBE_SUBJECTS, inboxes(cluster)] },
      subscribe: { allow: [...demo, PROBE_SUBJECTS, inboxes(leaf)] },
    });
  const publisher = (subject: string): User =>
    user('publisher', 'STANDARD', {
      publish: { allow: [subject] },
      subscribe: { allow: [inboxes(cluster)] },
    });
  const place: Place = { name: cluster, role: 'broker' };
  const own = spec.accounts.map((account): [string, NatsValue] => [
    account.name,
    {
      ...accountConf(account, place, spec, [
        ...leaves
          .filter((leaf) => isLinked(account, leaf))
          .map((leaf) => {
            const role = keyedRole(linkRole(account.name, leaf), leaf, spec.leafKeys);
            return user(role, 'LEAFNODE', rulesConf(linkRules(account, cluster, leaf)));
          }),
      ]),
      ...exportsConf(account),
      ...importsConf(account, spec.accounts),
    },
  ]);
  return accounts(
    [
      ...demo.flatMap((subject) => [publisher(subject), subscriberUser(subject)]),
      probeUser(demo, spec),
      ...leaves.map(leafUser),
    ],
    Object.fromEntries(own),
    spec,
  );
}

export function leafAccounts(cluster: string, spec: Subjects): Record<string, NatsValue> {
  const demo = given(spec.subject);
  const own = accountsOfLeaf(spec.accounts, cluster).map((account): [string, NatsValue] => [
    account.name,
    accountConf(account, { name: cluster, role: 'leaf' }, spec, []),
  ]);
  return accounts([...demo.map(subscriberUser), probeUser(demo, spec)], Object.fromEntries(own), spec);
}

const rulesConf = ({ publish, subscribe }: Rules): Record<string, NatsValue> => ({
  publish: publish.length === 0 ? NOTHING : { allow: publish },
  subscribe: { allow: subscribe },
});

/** `allow_responses`: it replies to what it received, once and within two minutes, as NATS has it by default. */
const userConf = (each: UserAt): User =>
  user(userRole(each), 'STANDARD', {
    ...rulesConf(userRules(each)),
    ...(each.subscribe.length === 0 ? {} : { allow_responses: true }),
  });

function accountConf(
  account: Account,
  place: Place,
  { jetstream }: Pick<Subjects, 'jetstream'>,
  links: User[],
): Record<string, NatsValue> {
  const { maxConnections, maxSubscriptions, maxPayloadBytes } = account.limits;
  const set = Object.entries({
    max_connections: maxConnections,
    max_subscriptions: maxSubscriptions,
    max_payload: maxPayloadBytes,
  }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  const users = usersServed(account, place).map(userConf);
  return {
    // Also without a stream of its own: one that comes then needs no other configuration, and no link another start.
    ...(jetstream === undefined ? {} : { jetstream: 'enabled' }),
    users: [...users, ...(jetstream === undefined ? [] : [managerConf(account.name, place.name)]), ...links],
    ...(set.length === 0 ? {} : { limits: Object.fromEntries(set) }),
  };
}

const managerConf = (account: string, site: string): User =>
  user(managerRole(account, site), 'STANDARD', rulesConf(managerRules(site)));

const exportsConf = ({ exports }: Account): Record<string, NatsValue> =>
  exports.length === 0
    ? {}
    : {
        exports: exports.map(({ stream, service, to }) => ({
          ...(stream === undefined ? { service: service ?? '' } : { stream }),
          accounts: to,
        })),
      };

/** At the broker only: an account that imported at both ends of a link would get each message twice. */
function importsConf({ name }: Account, all: readonly Account[]): Record<string, NatsValue> {
  const imports = all.flatMap((account) =>
    account.exports
      .filter(({ to }) => to.includes(name))
      .map(({ stream, service }): NatsValue => {
        const from = (subject: string): NatsValue => ({ account: account.name, subject });
        return stream === undefined ? { service: from(service ?? '') } : { stream: from(stream) };
      }),
  );
  return imports.length === 0 ? {} : { imports };
}

/** The users of all links that a system has at its broker. */
export const linkUsers = ({
  leaves,
  accounts: own,
  leafKeys,
}: Pick<Subjects, 'accounts' | 'leafKeys'> & { leaves: readonly string[] }): string[] =>
  leaves.flatMap((leaf) =>
    [leafRole(leaf), ...accountsOfLeaf(own, leaf).map(({ name }) => linkRole(name, leaf))].map((role) =>
      natsUser(keyedRole(role, leaf, leafKeys)),
    ),
  );
