import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Account } from '../../../src/contract/topology/topology.js';
import { usersServed, type UserAt } from '../../../src/domain/accounts/accounts.js';
import { keptIn, mirroredFor } from '../../../src/domain/accounts/streams.js';
import { decideStreams, streamSpec, type Keeping, type StreamSeen } from '../../../src/domain/nats/streams/streams.js';
import type { NatsConnection, StreamStore } from '../../../src/parts/ports.js';
import { outbox } from '../../support/accounts.js';
import { eventually, startNatsSystem, type NatsSystem } from '../../support/nats-system.js';

const ACCOUNT = outbox();
const HUB = { name: 'cluster-a', role: 'broker' } as const;
const LEAVES = ['cluster-b', 'cluster-c'];

let system: NatsSystem;
const open: NatsConnection[] = [];

beforeAll(async () => {
  system = await startNatsSystem(LEAVES, { accounts: [ACCOUNT] });
  await make(HUB.name, keptIn(ACCOUNT, HUB));
  for (const leaf of LEAVES) {
    await make(leaf, keptIn(ACCOUNT, { name: leaf, role: 'leaf' }));
    await make(HUB.name, mirroredFor(ACCOUNT, { hub: HUB.name, leaf }));
  }
});

afterAll(async () => {
  await Promise.all(open.map((client) => client.close()));
  await system.stop();
});

type Kept = ReturnType<typeof keptIn>;

async function storeAt(cluster: string): Promise<StreamStore> {
  const { store, client } = await system.streams(ACCOUNT.name, cluster);
  open.push(client);
  return store;
}

async function make(cluster: string, { streams, consumers }: Kept): Promise<void> {
  const store = await storeAt(cluster);
  for (const stream of streams) await store.create(streamSpec('t', stream));
  for (const { stream, name } of consumers) await store.createConsumer(stream, name, 't');
}

const keepingOf = ({ streams, consumers }: Kept, seen: StreamSeen[]): Keeping => ({
  account: ACCOUNT.name,
  topology: 't',
  wanted: streams.map((stream) => streamSpec('t', stream)),
  consumers,
  seen,
  isMine: () => true,
  deleteData: false,
});

async function as(name: string, site: string): Promise<NatsConnection> {
  const place = { name: site, role: site === HUB.name ? 'broker' : 'leaf' } as const;
  const user = usersServed(ACCOUNT, place).find((each) => each.name === name);
  const client = await system.as(user as UserAt);
  open.push(client);
  return client;
}

async function streamAt(cluster: string, name: string): Promise<StreamSeen | undefined> {
  return (await (await storeAt(cluster)).streams()).find((stream) => stream.name === name);
}

async function sendAs(leaf: string, count: number): Promise<void> {
  const plc = await as('plc', leaf);
  for (let index = 0; index < count; index += 1) plc.publish(`orders.${leaf}.${index}`, String(index));
  await plc.flush();
}

test('what was made is what was asked for, so that a second run decides nothing', async () => {
  const seen = await (await storeAt(HUB.name)).streams();
  const kept = [keptIn(ACCOUNT, HUB), ...LEAVES.map((leaf) => mirroredFor(ACCOUNT, { hub: HUB.name, leaf }))];
  const all = {
    streams: kept.flatMap(({ streams }) => streams),
    consumers: kept.flatMap(({ consumers }) => consumers),
  };
  expect(all.streams.map(({ name }) => name)).toEqual(['ORDERS', 'OUTBOX-cluster-b', 'OUTBOX-cluster-c']);
  expect(decideStreams(keepingOf(all, seen))).toEqual([]);
});

test('the broker has a copy of what a leaf cluster keeps, and no leaf cluster has that of another one', async () => {
  await sendAs('cluster-b', 200);
  await eventually(async () => (await streamAt(HUB.name, 'OUTBOX-cluster-b'))?.messages === 200);
  expect(await streamAt('cluster-b', 'OUTBOX')).toMatchObject({ messages: 200 });
  expect(await streamAt('cluster-c', 'OUTBOX')).toMatchObject({ messages: 0 });
  expect(await streamAt(HUB.name, 'OUTBOX-cluster-c')).toMatchObject({ messages: 0 });
});

test('a user reads its streams with its own certificate, in the order in which they were sent', async () => {
  const erp = await as('erp', HUB.name);
  const next = '$JS.API.CONSUMER.MSG.NEXT.OUTBOX-cluster-b.erp';
  const read: string[] = [];
  for (let index = 0; index < 3; index += 1) read.push(await erp.request(next, '', 2_000));
  expect(read).toEqual(['0', '1', '2']);
});

describe('a user may not', () => {
  test.each([
    ['read through the consumer of another one', '$JS.API.CONSUMER.MSG.NEXT.ORDERS.erp'],
    ['make a consumer, whose messages could go to any subject', '$JS.API.CONSUMER.CREATE.ORDERS'],
    ['delete a stream', '$JS.API.STREAM.DELETE.ORDERS'],
    ['reach the streams of a leaf cluster', '$JS.leaf-cluster-b.API.CONSUMER.CREATE.OUTBOX'],
    ['send a message of a copy', 'leafspan.mirror.cluster-b.M.x'],
  ])('%s', async (_, subject) => {
    const guest = await as('guest', HUB.name);
    guest.publish(subject, '{}', '_INBOX.cluster-a.guest.1');
    await guest.flush();
    await eventually(() => Promise.resolve(guest.violations().includes(`publish ${subject}`)));
    expect(await streamAt(HUB.name, 'ORDERS')).toBeDefined();
  });
});

test('another limit is a change in place, and keeps the messages', async () => {
  const store = await storeAt('cluster-b');
  const { streams, consumers } = keptIn(ACCOUNT, { name: 'cluster-b', role: 'leaf' });
  const shorter = streams.map((stream) => ({ ...stream, maxAgeSeconds: 3_600, discard: 'new' as const }));
  const keeping = keepingOf({ streams: shorter, consumers }, await store.streams());
  expect(decideStreams(keeping).map(({ verb, diff }) => [verb, diff])).toEqual([
    ['change', ['maxAgeSeconds: 0 → 3600', 'discard: old → new']],
  ]);
  for (const spec of keeping.wanted) await store.update(spec);
  expect(decideStreams({ ...keeping, seen: await store.streams() })).toEqual([]);
  expect(await streamAt('cluster-b', 'OUTBOX')).toMatchObject({ messages: 200 });
});

test('messages of checks are taken out by their subject, and no other one', async () => {
  const store = await storeAt('cluster-c');
  await sendAs('cluster-c', 3);
  await store.purge('OUTBOX', 'orders.cluster-c.1');
  expect(await streamAt('cluster-c', 'OUTBOX')).toMatchObject({ messages: 2 });
});

const without = (...names: string[]): Account => ({
  ...ACCOUNT,
  streams: (ACCOUNT.streams ?? []).filter(({ name }) => !names.includes(name)),
});

test('a stream that the topology no longer has stays while it holds messages', async () => {
  const seen = await (await storeAt('cluster-b')).streams();
  const kept = keptIn(without('OUTBOX'), { name: 'cluster-b', role: 'leaf' });
  expect(decideStreams(keepingOf(kept, seen))).toEqual([]);
  expect(decideStreams({ ...keepingOf(kept, seen), deleteData: true })).toEqual([
    {
      verb: 'delete',
      object: 'stream OUTBOX of account ORDERS',
      because: 'the topology does not have it, and it holds 200 messages',
    },
  ]);
});

test('a stream of someone else is never taken out', async () => {
  const store = await storeAt('cluster-c');
  await store.create({
    name: 'THEIRS',
    subjects: ['orders.ack.cluster-c'],
    maxBytes: 1_024,
    maxAgeSeconds: 0,
    discard: 'old',
    metadata: {},
  });
  const kept = keptIn(ACCOUNT, { name: 'cluster-c', role: 'leaf' });
  expect(decideStreams({ ...keepingOf(kept, await store.streams()), deleteData: true })).toEqual([]);
});
