import { DEFAULT_STORES } from '../../src/contract/topology/stores.js';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type NatsConnection } from 'nats';
import { NatsClientAccess } from '../../src/adapters/nats-client/nats-client-access.js';
import { PeculiarMint } from '../../src/adapters/cert-mint/peculiar-mint.js';
import type { Account } from '../../src/contract/topology/topology.js';
import { accountsOfLeaf, OUTSIDE, type UserAt } from '../../src/domain/accounts/accounts.js';
import { linkCertificate, linkFile, managerCertificate, userCertificate } from '../../src/domain/accounts/names.js';
import { inboxPrefixOf, managerInboxes } from '../../src/domain/accounts/permissions.js';
import { keepsStreams } from '../../src/domain/accounts/streams.js';
import { BENCH_INBOXES, type Server } from '../../src/domain/bench/scripts.js';
import { brokerConf, leafConf } from '../../src/domain/nats/conf.js';
import { DATA_DIRECTORY } from '../../src/domain/nats/streams/jetstream.js';
import { inboxPrefix, leafRole, LEAF_TLS_NAME, BROKER_TLS_NAME, natsUser } from '../../src/domain/nats/names.js';
import { BROKER_SERVER, certificatesOf, clientOf, leafServer, NATS_CA } from '../../src/domain/pki/profiles.js';
import type { CertificateProfile } from '../../src/domain/pki/profiles.js';
import type { KeyPair, NatsConnection as Client, StreamStore } from '../../src/parts/ports.js';
import { freePort } from './servers/loopback.js';
import { startConfigured, type TestNatsServer } from './servers/nats-server.js';

const BROKER = 'cluster-a';
const SUBJECT = 'test.messages';
/** A client that may do everything in its cluster, so that only the link between clusters limits it. */
const FREE_USER = 'app';

/** The broker and its leaf nodes as real servers, with the configurations that the product gives them. */
export interface NatsSystem {
  /** A client of the cluster with no limits in it, whose inboxes are the cluster's. */
  client(cluster: string): Promise<NatsConnection>;
  /** A user of an account, by the product's own client. */
  as(user: UserAt): Promise<Client>;
  /** The streams of an account, as leafspan gets at them. */
  streams(account: string, cluster: string): Promise<{ store: StreamStore; client: Client }>;
  /** What the broker says to a leaf node that asks for the link of an account. */
  askForLink(account: string, leaf: string): Promise<string>;
  /** Gives a server other accounts by a reload. @param change of its configuration, as a mistake would make it */
  reload(cluster: string, accounts: readonly Account[], change?: (conf: string) => string): void;
  /** How leafspan's own user of checks connects to a server from this machine. */
  probe(cluster: string): Promise<{ server: Server; pem: string; client: Client }>;
  /** A page of a server's monitoring, such as `leafz`. */
  monitor(cluster: string, page: string): Promise<string>;
  /** Ends a server as a crash does, and starts it again with its files. */
  kill(cluster: string): Promise<void>;
  start(cluster: string): Promise<void>;
  stop(): Promise<void>;
}

interface Options {
  accounts?: readonly Account[];
  /** Every account that a test will reload to, so that certificates are there. */
  later?: readonly Account[];
}

export async function startNatsSystem(
  leaves: string[],
  { accounts = [], later = accounts }: Options = {},
): Promise<NatsSystem> {
  const mint = await mintFor(leaves, later);
  const leafPort = await freePort();
  const clusters = [BROKER, ...leaves];
  const servers = new Map<string, TestNatsServer>();
  const ports = new Map<string, Ports>();
  const confOf = (cluster: string, now: readonly Account[]): string => {
    const jetstream = keepsStreams({ accounts: [...now] }) ? DEFAULT_STORES : undefined;
    const spec = { cluster, subject: SUBJECT, accounts: now, jetstream };
    return cluster === BROKER
      ? brokerConf({ ...spec, leaves })
      : leafConf({ ...spec, remote: `localhost:${leafPort}` });
  };
  for (const cluster of clusters) {
    const own = { port: await freePort(), monitor: await freePort(), leafPort };
    ports.set(cluster, own);
    servers.set(
      cluster,
      await startConfigured(own.port, onLoopback(confOf(cluster, accounts), own), {
        'ca.crt': mint.ca.certificate,
        ...files('tls', await mint.issue(cluster === BROKER ? BROKER_SERVER : leafServer(cluster))),
        ...(cluster === BROKER ? {} : await linkFiles(mint, cluster, later)),
      }),
    );
  }
  const free = await mint.client(FREE_USER);
  const access = new NatsClientAccess();
  const portOf = (cluster: string): Ports => ports.get(cluster) ?? { port: 0, monitor: 0, leafPort };
  return {
    client: (cluster) =>
      connect({
        servers: `127.0.0.1:${portOf(cluster).port}`,
        inboxPrefix: inboxPrefix(cluster),
        reconnect: false,
        ignoreClusterUpdates: true,
        tls: { ...tlsOf(cluster), ca: mint.ca.certificate, cert: free.certificate, key: free.privateKey },
      }),
    as: async (user) => {
      const server = user.site === OUTSIDE ? BROKER : user.site;
      const serverName = server === BROKER ? BROKER_TLS_NAME : LEAF_TLS_NAME;
      const target = { port: portOf(server).port, serverName, inboxPrefix: inboxPrefixOf(user) };
      return access.connect(target, { ...(await mint.issue(userCertificate(user))), ca: mint.ca.certificate });
    },
    streams: async (account, cluster) => {
      const serverName = cluster === BROKER ? BROKER_TLS_NAME : LEAF_TLS_NAME;
      const target = { port: portOf(cluster).port, serverName, inboxPrefix: managerInboxes(cluster) };
      const identity = await mint.issue(managerCertificate(account, cluster));
      const client = await access.connect(target, { ...identity, ca: mint.ca.certificate });
      return { store: await client.streams(), client };
    },
    probe: async (cluster) => {
      const serverName = cluster === BROKER ? BROKER_TLS_NAME : LEAF_TLS_NAME;
      const { port } = portOf(cluster);
      const identity = { ...(await mint.issue(clientOf('probe'))), ca: mint.ca.certificate };
      const client = await access.connect({ port, serverName, inboxPrefix: BENCH_INBOXES }, identity);
      const pem = [identity.privateKey, identity.certificate, identity.ca].join('\n');
      return { server: { name: serverName, address: '127.0.0.1', port }, pem, client };
    },
    askForLink: async (account, leaf) =>
      access.leafLink(
        { port: leafPort, serverName: BROKER_TLS_NAME },
        { ...(await mint.issue(linkCertificate(account, leaf))), ca: mint.ca.certificate },
        5_000,
      ),
    reload: (cluster, now, change = (conf) => conf) => {
      const conf = onLoopback(change(confOf(cluster, now)), portOf(cluster));
      servers.get(cluster)?.reload({ 'nats.conf': conf });
    },
    monitor: async (cluster, page) => {
      const options = { ca: mint.ca.certificate, ...tlsOf(cluster) };
      const request = get(`https://127.0.0.1:${portOf(cluster).monitor}/${page}`, options);
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      return text(response);
    },
    kill: async (cluster) => servers.get(cluster)?.kill(),
    start: async (cluster) => servers.get(cluster)?.start(),
    stop: async () => {
      await Promise.all([...servers.values()].map((server) => server.stop()));
    },
  };
}

async function linkFiles(
  mint: TestMint,
  cluster: string,
  accounts: readonly Account[],
): Promise<Record<string, string>> {
  const links = accountsOfLeaf(accounts, cluster).map(async ({ name }) =>
    files(linkFile(name), await mint.issue(linkCertificate(name, cluster))),
  );
  const own = files('client', await mint.issue(clientOf(leafRole(cluster))));
  return Object.fromEntries([own, ...(await Promise.all(links))].flatMap((each) => Object.entries(each)));
}

/** The client's types leave the server name out. */
const tlsOf = (cluster: string): object => ({ servername: cluster === BROKER ? BROKER_TLS_NAME : LEAF_TLS_NAME });

const files = (name: string, { certificate, privateKey }: KeyPair): Record<string, string> => ({
  [`${name}.crt`]: certificate,
  [`${name}.key`]: privateKey,
});

interface Ports {
  port: number;
  monitor: number;
  leafPort: number;
}

/** The configuration with ports of this machine, files of the test, and the user without limits. */
const onLoopback = (conf: string, { port, monitor, leafPort }: Ports): string =>
  conf
    .replace('port: 4222', `listen: "127.0.0.1:${port}"`)
    .replace('"0.0.0.0:8222"', `"127.0.0.1:${monitor}"`)
    .replace('port: 7422', `listen: "127.0.0.1:${leafPort}"`)
    .replace(/pid_file: .*/, '')
    .replace(`"${DATA_DIRECTORY}"`, '"data"')
    .replaceAll('/etc/nats-leaf-client/tls', 'client')
    .replaceAll(/\/etc\/nats-(tls|leaf-client)\//g, '')
    .replace(/(APP: \{\s+users: \[)/, `$1{ user: "${natsUser(FREE_USER)}" }, `);

type TestMint = Awaited<ReturnType<typeof mintFor>>;

async function mintFor(leaves: string[], accounts: readonly Account[]) {
  const mint = new PeculiarMint();
  const specs = certificatesOf({
    topology: 't',
    broker: BROKER,
    brokerAddresses: ['127.0.0.1'],
    leaves,
    accounts: [...accounts],
    jetstream: keepsStreams({ accounts: [...accounts] }),
  });
  const profile = (name: string): CertificateProfile => {
    const found = specs.find((spec) => spec.name === name);
    if (found === undefined) throw new Error(`no certificate ${name}`);
    return found.profile;
  };
  const ca = await mint.selfSigned(profile(NATS_CA));
  return {
    ca,
    issue: (name: string) => mint.signedBy(ca, profile(name)),
    client: (role: string) =>
      mint.signedBy(ca, { ...profile(clientOf('probe')), commonName: role, dns: [natsUser(role)] }),
  };
}

/** Repeats until the condition holds: interest needs a moment to cross a link. @throws Error after 5 s */
export async function eventually(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await holds()) return;
    await sleep(50);
  }
  throw new Error('it did not hold within 5 s');
}
