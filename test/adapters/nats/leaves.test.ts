import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { NatsConnection } from 'nats';
import { parseLeafz } from '../../../src/domain/nats/monitor.js';
import { connectionsOfPath, parseConnz } from '../../../src/domain/nats/strangers.js';
import { eventually, startNatsSystem, type NatsSystem } from '../../support/nats-system.js';

let system: NatsSystem;
let broker: NatsConnection;
let leafB: NatsConnection;
let leafC: NatsConnection;

beforeAll(async () => {
  system = await startNatsSystem(['cluster-b', 'cluster-c']);
  [broker, leafB, leafC] = await Promise.all([
    system.client('cluster-a'),
    system.client('cluster-b'),
    system.client('cluster-c'),
  ]);
});

afterAll(async () => {
  await Promise.all([broker, leafB, leafC].map((client) => client.close()));
  await system.stop();
});

/** Answers every request on the subject with the responder's name. */
const answer = (at: NatsConnection, subject: string, name: string): void => {
  at.subscribe(subject, { callback: (_error, message) => void message.respond(name) });
};

const asked = async (by: NatsConnection, subject: string): Promise<string | undefined> => {
  try {
    return (await by.request(subject, '', { timeout: 500 })).string();
  } catch {
    return undefined;
  }
};

/** Subjects of inboxes that somebody who listens to all of them hears. */
const overheard = (by: NatsConnection): string[] => {
  const heard: string[] = [];
  by.subscribe('_INBOX.>', { callback: (_error, message) => void heard.push(message.subject) });
  return heard;
};

/** The page that the product asks for, without the way to it by the API server. */
const pageOf = (path: string): string => path.replace(/^.*\/proxy\//, '');

test('the broker reports each leaf node by the user of its certificate, isolated and in account APP', async () => {
  await eventually(async () => parseLeafz(await system.monitor('cluster-a', 'leafz')).leafs.length === 2);
  expect(JSON.parse(await system.monitor('cluster-a', 'leafz'))).toMatchObject({
    leafs: [
      { account: 'APP', is_isolated: true },
      { account: 'APP', is_isolated: true },
    ],
  });
  const { connections } = parseConnz(
    await system.monitor('cluster-a', pageOf(connectionsOfPath('leaf-cluster-b.nats.local'))),
  );
  expect(connections).toMatchObject([
    { kind: 'Leafnode', account: 'APP', authorized_user: 'leaf-cluster-b.nats.local' },
  ]);
});

test('a leaf that is not linked has no connection at the broker', async () => {
  const page = await system.monitor('cluster-a', pageOf(connectionsOfPath('leaf-cluster-x.nats.local')));
  expect(parseConnz(page).connections).toEqual([]);
});

test('requests are answered across the link in both directions', async () => {
  answer(leafB, 'leafspan.probe.at-leaf', 'leaf');
  answer(broker, 'leafspan.probe.at-broker', 'broker');
  await eventually(async () => (await asked(broker, 'leafspan.probe.at-leaf')) === 'leaf');
  await eventually(async () => (await asked(leafB, 'leafspan.probe.at-broker')) === 'broker');
});

test('a leaf cluster hears no reply to the clients of another cluster', async () => {
  const heard = overheard(leafC);
  await leafC.flush();
  answer(broker, 'leafspan.probe.private', 'for b');
  await eventually(async () => (await asked(leafB, 'leafspan.probe.private')) === 'for b');
  await eventually(async () => (await asked(leafC, 'leafspan.probe.private')) === 'for b');
  expect(heard.filter((subject) => !subject.startsWith('_INBOX.cluster-c.'))).toEqual([]);
  expect(heard).not.toEqual([]);
});

test('what a leaf cluster subscribes to is told to the broker and not to the other leaf clusters', async () => {
  const heard: string[] = [];
  leafB.subscribe('leafspan.probe.only-b', { callback: (_error, message) => void heard.push(message.string()) });
  answer(broker, 'leafspan.probe.settled', 'yes');
  await eventually(() => {
    broker.publish('leafspan.probe.only-b', 'before');
    return Promise.resolve(heard.includes('before'));
  });
  leafC.publish('leafspan.probe.only-b', 'from the other leaf cluster');
  // The answer tells that all that was published before it has crossed the same link.
  await eventually(async () => (await asked(leafC, 'leafspan.probe.settled')) === 'yes');
  broker.publish('leafspan.probe.only-b', 'after');
  await eventually(() => Promise.resolve(heard.includes('after')));
  expect([...new Set(heard)]).toEqual(['before', 'after']);
});
