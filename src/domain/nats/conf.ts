import { inboxPrefix, leafRole, mirrorHost, natsUser, NATS_PORTS } from './names.js';

/**
 * A value of NATS's configuration language. Strings are quoted, since an unquoted word that starts with a digit or ends
 * in a unit is read as a number.
 */
export type NatsValue = string | number | boolean | NatsValue[] | { [key: string]: NatsValue };

export function renderNats(value: Record<string, NatsValue>, indent = ''): string {
  return Object.entries(value)
    .map(([key, item]) => `${indent}${key}: ${renderValue(item, indent)}\n`)
    .join('');
}

function renderValue(value: NatsValue, indent: string): string {
  if (Array.isArray(value)) return `[${value.map((item) => renderValue(item, indent)).join(', ')}]`;
  if (typeof value === 'object') return `{\n${renderNats(value, `${indent}  `)}${indent}}`;
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

const PID_FILE = '/var/run/nats/nats.pid';
const TLS_DIRECTORY = '/etc/nats-tls';
const LEAF_CLIENT_DIRECTORY = '/etc/nats-leaf-client';

const tls = (directory: string, more: Record<string, NatsValue> = {}): Record<string, NatsValue> => ({
  cert_file: `${directory}/tls.crt`,
  key_file: `${directory}/tls.key`,
  ca_file: `${directory}/ca.crt`,
  timeout: 5,
  ...more,
});

const verified = { verify_and_map: true, min_version: '1.3' };

const common = (serverName: string): Record<string, NatsValue> => ({
  server_name: serverName,
  port: NATS_PORTS.client,
  https: `0.0.0.0:${NATS_PORTS.monitor}`,
  pid_file: PID_FILE,
  // A dead peer is noticed after interval x (max + 1), in 15 s. A leaf node whose line was cut then dials every second, and
  // is back as soon as the line is; a connection that waits for TCP to send again takes up to a minute longer.
  ping_interval: '5s',
  ping_max: 2,
  tls: tls(TLS_DIRECTORY, verified),
});

/** Subjects of the check's nonces. They cross the link in both directions like any other message. */
export const PROBE_SUBJECTS = 'leafspan.probe.>';

interface Subjects {
  /** The topology's subject, such as `test.messages`. */
  subject: string;
}

type Users = Record<string, NatsValue>[];
const STANDARD = ['STANDARD'];

const subscriberUser = (subject: string): Record<string, NatsValue> => ({
  user: natsUser('subscriber'),
  allowed_connection_types: STANDARD,
  permissions: { publish: { deny: ['>'] }, subscribe: { allow: [subject] } },
});

const probeUser = (subject: string): Record<string, NatsValue> => ({
  user: natsUser('probe'),
  allowed_connection_types: STANDARD,
  permissions: { publish: { allow: [PROBE_SUBJECTS] }, subscribe: { allow: [PROBE_SUBJECTS, subject] } },
});

const accounts = (users: Users): Record<string, NatsValue> => ({
  // The users are in accounts and not in leafnodes.authorization, which a reload refuses to change.
  accounts: {
    SYS: { users: [{ user: natsUser('sys'), allowed_connection_types: STANDARD }] },
    APP: { users },
  },
  system_account: 'SYS',
});

export interface BrokerConf extends Subjects {
  cluster: string;
  leaves: readonly string[];
}

/** The broker's nats.conf: every user is the DNS name of a client certificate, and each certificate opens one kind of connection. */
export const brokerConf = (spec: BrokerConf): string => brokerStart(spec) + renderNats(brokerAccounts(spec));

/** What the broker only takes at its start: a reload that changes it is refused. */
export const brokerStart = ({ cluster }: Pick<BrokerConf, 'cluster'>): string =>
  renderNats({
    ...common(`broker-${cluster}`),
    leafnodes: {
      port: NATS_PORTS.leaf,
      // Without it the broker announces its pod address to leaf nodes, and they would dial that past the link.
      advertise: `${mirrorHost(cluster)}:${NATS_PORTS.leaf}`,
      // Subscriptions of one leaf node are sent to the broker and not to every other leaf node (since 2.12).
      isolate_leafnode_interest: true,
      tls: tls(TLS_DIRECTORY, verified),
    },
  });

function brokerAccounts({ cluster, leaves, subject }: BrokerConf): Record<string, NatsValue> {
  const inboxes = (of: string): string => `${inboxPrefix(of)}.>`;
  const leafUser = (leaf: string): Record<string, NatsValue> => ({
    user: natsUser(leafRole(leaf)),
    allowed_connection_types: ['LEAFNODE'],
    permissions: {
      // It replies to requests of the broker's clients, and gets the replies to its own. The subject is the publisher's: what
      // one leaf sent there, all others would take for a message of the publisher.
      publish: { allow: [PROBE_SUBJECTS, inboxes(cluster)] },
      subscribe: { allow: [subject, PROBE_SUBJECTS, inboxes(leaf)] },
    },
  });
  const publisher = {
    user: natsUser('publisher'),
    allowed_connection_types: STANDARD,
    permissions: { publish: { allow: [subject] }, subscribe: { allow: [inboxes(cluster)] } },
  };
  return accounts([publisher, subscriberUser(subject), probeUser(subject), ...leaves.map(leafUser)]);
}

export interface LeafConf extends Subjects {
  cluster: string;
  /** host:port that the leaf node dials; the broker's certificate must carry the host. */
  remote: string;
}

export function leafConf({ cluster, subject, remote }: LeafConf): string {
  return renderNats({
    ...common(`leaf-${cluster}`),
    leafnodes: {
      remotes: [
        {
          url: `tls://${remote}`,
          account: 'APP',
          // The default of 1 s is too short for a path through a proxy.
          first_info_timeout: '5s',
          dial_timeout: '5s',
          ignore_discovered_servers: true,
          tls: tls(LEAF_CLIENT_DIRECTORY),
        },
      ],
    },
    ...accounts([subscriberUser(subject), probeUser(subject)]),
  });
}
