import { accountsOfLeaf } from '../accounts/accounts.js';
import { linkFile } from '../accounts/names.js';
import { brokerAccounts, leafAccounts, type Subjects } from './accounts-conf.js';
import { jetStreamConf } from './streams/jetstream.js';
import { mirrorHost, NATS_PORTS } from './names.js';
import { renderNats, type NatsValue } from './nats-value.js';

const PID_FILE = '/var/run/nats/nats.pid';
const TLS_DIRECTORY = '/etc/nats-tls';
const LEAF_CLIENT_DIRECTORY = '/etc/nats-leaf-client';

const tls = (directory: string, more: Record<string, NatsValue> = {}, file = 'tls'): Record<string, NatsValue> => ({
  cert_file: `${directory}/${file}.crt`,
  key_file: `${directory}/${file}.key`,
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

export interface BrokerConf extends Subjects {
  cluster: string;
  leaves: readonly string[];
}

/** The broker's nats.conf: every user is the DNS name of a client certificate, and each certificate opens one kind of connection. */
export const brokerConf = (spec: BrokerConf): string =>
  brokerStart(spec) + renderNats(brokerAccounts(spec.cluster, spec.leaves, spec));

/** What the broker only takes at its start: a reload that changes it is refused. */
export const brokerStart = ({ cluster, jetstream }: Pick<BrokerConf, 'cluster' | 'jetstream'>): string =>
  renderNats({
    ...common(`broker-${cluster}`),
    ...jetStreamConf({ name: cluster, role: 'broker' }, jetstream),
    leafnodes: {
      port: NATS_PORTS.leaf,
      // Without it the broker announces its pod address to leaf nodes, and they would dial that past the link.
      advertise: `${mirrorHost(cluster)}:${NATS_PORTS.leaf}`,
      // Subscriptions of one leaf node are sent to the broker and not to every other leaf node (since 2.12).
      isolate_leafnode_interest: true,
      tls: tls(TLS_DIRECTORY, verified),
    },
  });

export interface LeafConf extends Subjects {
  cluster: string;
  /** host:port that the leaf node dials; the broker's certificate must carry the host. */
  remote: string;
}

/** A leaf node's nats.conf. */
export const leafConf = (spec: LeafConf): string =>
  renderNats({ ...leafServerConf(spec), ...leafAccounts(spec.cluster, spec) });

/** What a leaf node only takes at its start. An account comes and goes with its link by a reload. */
export const leafStart = (spec: Pick<LeafConf, 'cluster' | 'remote' | 'jetstream'>): string =>
  renderNats(leafServerConf({ ...spec, accounts: [] }));

const leafServerConf = ({
  cluster,
  remote,
  accounts,
  jetstream,
}: Omit<LeafConf, 'subject'>): Record<string, NatsValue> => ({
  ...common(`leaf-${cluster}`),
  ...jetStreamConf({ name: cluster, role: 'leaf' }, jetstream),
  leafnodes: {
    remotes: [
      remoteConf(remote, 'APP', 'tls'),
      ...accountsOfLeaf(accounts, cluster).map(({ name }) => remoteConf(remote, name, linkFile(name))),
    ],
  },
});

/** Each account has a link of its own, with a certificate that the broker maps to the account's user for the leaf. */
const remoteConf = (remote: string, account: string, file: string): Record<string, NatsValue> => ({
  url: `tls://${remote}`,
  account,
  // The default of 1 s is too short for a path through a proxy.
  first_info_timeout: '5s',
  dial_timeout: '5s',
  ignore_discovered_servers: true,
  tls: tls(LEAF_CLIENT_DIRECTORY, {}, file),
});
