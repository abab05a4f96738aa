import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, Events, type ConnectionOptions, type NatsConnection, type TlsOptions } from 'nats';
import { answering, freePort } from '../../support/servers/loopback.js';
import type { SystemLab } from './system-lab.js';

const SUBJECT = 'test.messages';
const NODE_PORT = 30_422;
const BETWEEN_MS = 10;
const CONFIRMED_MS = 3_000;

/** Clients outside of the clusters, one that publishes and one that subscribes, and one at the broker itself that counts. */
export interface OutsideClient {
  /** Resolves when the one that subscribes has got a message through the edge. */
  heard: Promise<unknown>;
  /** Ends them. Lost is what the broker confirmed, and what did not come. */
  finish(): Promise<{ lost: number[]; reconnected: boolean }>;
}

/** @param name of the client, in its messages */
export async function outsideClient(lab: SystemLab, certificates: string, name: string): Promise<OutsideClient> {
  const { address } = lab.written().broker.hosts[0].ssh;
  const tunnel = await tunnelToBroker(lab, address);
  const pem = (file: string): string => readFileSync(join(certificates, 'nats', file), 'utf8');
  const as = (role: string): ConnectionOptions => {
    // The client's types leave out what it hands on to TLS.
    const tls: TlsOptions & { servername: string } = {
      ...{ servername: 'nats-broker', ca: pem('ca.crt') },
      ...{ cert: pem(`clients/${role}.crt`), key: pem(`clients/${role}.key`) },
    };
    return { tls, ignoreClusterUpdates: true, reconnectTimeWait: 50, maxReconnectAttempts: -1 };
  };
  const counter = await connect({ ...as('subscriber'), servers: `127.0.0.1:${tunnel.port}` });
  const received = new Set<string>();
  counter.subscribe(SUBJECT, { callback: (_, message) => void received.add(message.string()) });
  await counter.flush();
  const outside = (role: string) => connect({ ...as(role), servers: `${address}:${NODE_PORT}` });
  const [publisher, subscriber] = await Promise.all([outside('publisher'), outside('subscriber')]);
  const heard = new Promise((resolve) => subscriber.subscribe(SUBJECT, { callback: resolve }));
  const connections = connectionsOf(publisher);
  const published = publishOn(publisher, name);
  return {
    heard,
    finish: async () => {
      const count = await published.stop();
      await counter.flush();
      await Promise.all([publisher.close(), subscriber.close(), counter.close()]);
      tunnel.close();
      const numbers = Array.from({ length: count }, (_, index) => index);
      return {
        lost: numbers.filter((number) => !received.has(textOf(name, number))),
        reconnected: connections.again > 0,
      };
    },
  };
}

const textOf = (name: string, number: number): string => `${name} #${number}`;

function connectionsOf(client: NatsConnection): { again: number } {
  const connections = { again: 0 };
  void (async () => {
    for await (const { type } of client.status()) if (type === Events.Reconnect) connections.again++;
  })();
  return connections;
}

/** Each message until the broker has confirmed it: what a connection took with it is sent again on the next one. */
function publishOn(client: NatsConnection, name: string): { stop: () => Promise<number> } {
  const end = new AbortController();
  const ended = (async () => {
    let count = 0;
    while (!end.signal.aborted) {
      if (await isConfirmed(client, textOf(name, count))) count++;
      await sleep(BETWEEN_MS);
    }
    return count;
  })();
  return {
    stop: () => {
      end.abort();
      return ended;
    },
  };
}

async function isConfirmed(client: NatsConnection, text: string): Promise<boolean> {
  try {
    client.publish(SUBJECT, text);
    return await Promise.race([client.flush().then(() => true), sleep(CONFIRMED_MS, false)]);
  } catch {
    return false;
  }
}

/** Past the edge, through the sshd of the broker's host. */
async function tunnelToBroker(lab: SystemLab, address: string): Promise<{ port: number; close: () => void }> {
  const service = 'k -n nats-system get service nats-broker-client -o jsonpath={.spec.clusterIP}';
  const [ip, port] = [lab.on('vm-a', service), await freePort()];
  const { privateKeyFile, user } = lab.written().broker.hosts[0].ssh;
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'];
  const child = spawn(
    'ssh',
    ['-N', '-i', privateKeyFile, ...options.flatMap((option) => ['-o', option])].concat(
      ...['-L', `127.0.0.1:${port}:${ip}:4222`, `${user}@${address}`],
    ),
    { stdio: 'ignore' },
  );
  await answering(port, child, 'ssh');
  return { port, close: () => void child.kill() };
}
