import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type NatsConnection } from 'nats';
import { PeculiarMint } from '../../src/adapters/cert-mint/peculiar-mint.js';
import { brokerConf, leafConf } from '../../src/domain/nats/conf.js';
import { inboxPrefix, leafRole, LEAF_TLS_NAME, BROKER_TLS_NAME, natsUser } from '../../src/domain/nats/names.js';
import { BROKER_SERVER, certificatesOf, clientOf, leafServer, NATS_CA } from '../../src/domain/pki/profiles.js';
import type { CertificateProfile } from '../../src/domain/pki/profiles.js';
import type { KeyPair } from '../../src/parts/ports.js';
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
  /** A page of a server's monitoring, such as `leafz`. */
  monitor(cluster: string, page: string): Promise<string>;
  stop(): Promise<void>;
}

export async function startNatsSystem(leaves: string[]): Promise<NatsSystem> {
  const mint = await mintFor(leaves);
  const leafPort = await freePort();
  const clusters = [BROKER, ...leaves];
  const servers = new Map<string, TestNatsServer>();
  const monitors = new Map<string, number>();
  for (const cluster of clusters) {
    const port = await freePort();
    const monitor = await freePort();
    monitors.set(cluster, monitor);
    const conf =
      cluster === BROKER
        ? brokerConf({ cluster, leaves, subject: SUBJECT })
        : leafConf({ cluster, subject: SUBJECT, remote: `localhost:${leafPort}` });
    servers.set(
      cluster,
      await startConfigured(port, onLoopback(conf, { port, monitor, leafPort }), {
        'ca.crt': mint.ca.certificate,
        ...files('tls', await mint.issue(cluster === BROKER ? BROKER_SERVER : leafServer(cluster))),
        ...(cluster === BROKER ? {} : files('client', await mint.issue(clientOf(leafRole(cluster))))),
      }),
    );
  }
  const free = await mint.client(FREE_USER);
  return {
    client: (cluster) =>
      connect({
        servers: `127.0.0.1:${servers.get(cluster)?.port ?? 0}`,
        inboxPrefix: inboxPrefix(cluster),
        reconnect: false,
        ignoreClusterUpdates: true,
        tls: { ...tlsOf(cluster), ca: mint.ca.certificate, cert: free.certificate, key: free.privateKey },
      }),
    monitor: async (cluster, page) => {
      const options = { ca: mint.ca.certificate, ...tlsOf(cluster) };
      const request = get(`https://127.0.0.1:${monitors.get(cluster) ?? 0}/${page}`, options);
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      return text(response);
    },
    stop: async () => {
      await Promise.all([...servers.values()].map((server) => server.stop()));
    },
  };
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
    .replaceAll('/etc/nats-leaf-client/tls', 'client')
    .replaceAll(/\/etc\/nats-(tls|leaf-client)\//g, '')
    .replace(/(APP: \{\s+users: \[)/, `$1{ user: "${natsUser(FREE_USER)}" }, `);

async function mintFor(leaves: string[]) {
  const mint = new PeculiarMint();
  const specs = certificatesOf({ topology: 't', broker: BROKER, brokerAddresses: ['127.0.0.1'], leaves });
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
