import { messageOf } from '../contract/caught.js';
import { coreFigures, streamFigures, type Figures } from '../domain/bench/figures.js';
import {
  answeringScript,
  askingScript,
  BENCH_INBOXES,
  publishingScript,
  type Client,
  type Server,
} from '../domain/bench/scripts.js';
import { CREATE_STREAM, DELETE_STREAM, streamConfig } from '../domain/bench/stream.js';
import type { End, Way } from '../domain/bench/ways.js';
import { clientOf } from '../domain/pki/profiles.js';
import { leafDoor, openClient, serviceDoor, type Door } from '../parts/nats/clients.js';
import { readMaterial } from '../parts/pki/material.js';
import type { NatsConnection } from '../parts/ports.js';
import type { Site } from '../parts/site.js';

/** The two ends of a way, with the hosts on which their clients run. */
export interface Ends {
  asks: Site;
  answers: Site;
  hub: Site;
  way: Way;
  subject: string;
  quick: boolean;
}

const REQUEST_MS = 5_000;
/** A script ends by itself before. */
const SCRIPT_MS = 40_000;

/** The load comes from the clusters' hosts, so that no tunnel of ours is measured. */
export async function measureCore(ends: Ends): Promise<Figures> {
  const { asks, answers, way } = ends;
  const over = new AbortController();
  const signal = AbortSignal.any([asks.work.signal, over.signal]);
  const run = async (site: Site, end: End, script: (client: Client) => string): Promise<string> => {
    const client = await clientAt(ends, site, end);
    const { stdout } = await site.ports.hosts.run(site.host, script(client), { signal, timeoutMs: SCRIPT_MS });
    return stdout;
  };
  const both = [run(answers, way.answers, answeringScript), run(asks, way.asks, askingScript)];
  try {
    const [answered = '', asked = ''] = await Promise.all(both);
    return coreFigures(asked, answered);
  } finally {
    // When one end fails, the other one is stopped, and waited for.
    over.abort();
    await Promise.allSettled(both);
  }
}

/** The stream itself is the other end. It is there for as long as it is measured. */
export function measureStream(ends: Ends): Promise<Figures> {
  const { asks, answers, way, subject } = ends;
  return withStream(answers, subject, async () => {
    const client = await clientAt(ends, asks, way.asks);
    const { stdout } = await asks.run(publishingScript(client), { timeoutMs: SCRIPT_MS });
    return streamFigures(stdout);
  });
}

async function withStream<T>(site: Site, subject: string, use: () => Promise<T>): Promise<T> {
  const identity = await readMaterial(site, clientOf('probe'));
  const { client, close } = await openClient(doorAt(site), identity, BENCH_INBOXES);
  try {
    await make(client, site, subject);
    return await use();
  } finally {
    await client
      .request(DELETE_STREAM, '', REQUEST_MS)
      .catch((error: unknown) => site.work.heartbeat(messageOf(error)))
      .finally(close);
  }
}

/** A server of an earlier leafspan does not let it, and says nothing to the request. */
async function make(client: NatsConnection, { cluster }: Site, subject: string): Promise<void> {
  // One that a killed bench has left has other subjects.
  const made = await client
    .request(DELETE_STREAM, '', REQUEST_MS)
    .then(() => client.request(CREATE_STREAM, streamConfig(subject), REQUEST_MS))
    .catch((error: unknown) => `"error": ${messageOf(error)}`);
  if (made.includes('"error"'))
    throw new Error(`the NATS server of ${cluster} makes no stream; if provision is due, run it: ${made}`);
}

const doorAt = (site: Site): Door => (site === site.hub ? serviceDoor(site) : leafDoor(site));

async function clientAt({ hub, asks, answers, subject, quick }: Ends, site: Site, end: End): Promise<Client> {
  const { privateKey, certificate, ca } = await readMaterial(site, clientOf('probe'));
  const home = [asks, answers].find(({ cluster }) => cluster === end.server) ?? hub;
  return { server: await serverAt(home, end), pem: [privateKey, certificate, ca].join('\n'), subject, quick };
}

async function serverAt(site: Site, { by }: End): Promise<Server> {
  const door = doorAt(site);
  const name = door.serverName;
  if (by === 'service') return { name, ...(await door.find()) };
  return { name, address: site.host.externalAddress, port: site.scope.settings.nats.clientNodePort };
}
