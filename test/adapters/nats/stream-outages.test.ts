import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { usersServed, type UserAt } from '../../../src/domain/accounts/accounts.js';
import { keptIn, mirroredFor } from '../../../src/domain/accounts/streams.js';
import { streamSpec } from '../../../src/domain/nats/streams/streams.js';
import type { NatsConnection, StreamStore } from '../../../src/parts/ports.js';
import { outbox } from '../../support/accounts.js';
import { startNatsSystem, type NatsSystem } from '../../support/nats-system.js';

const ACCOUNT = outbox();
const HUB = { name: 'cluster-a', role: 'broker' } as const;
const LEAF = { name: 'cluster-b', role: 'leaf' } as const;
/** A copy waits up to 30 s for a response, and 10 s before it asks again. */
const PATIENCE_MS = 90_000;
let system: NatsSystem;

beforeAll(async () => {
  system = await startNatsSystem([LEAF.name], { accounts: [ACCOUNT] });
  await make(LEAF.name, keptIn(ACCOUNT, LEAF));
  await make(HUB.name, mirroredFor(ACCOUNT, { hub: HUB.name, leaf: LEAF.name }));
});

afterAll(() => system.stop());

async function make(cluster: string, { streams, consumers }: ReturnType<typeof keptIn>): Promise<void> {
  await withStore(cluster, async (store) => {
    for (const stream of streams) await store.create(streamSpec('t', stream));
    for (const { stream, name } of consumers) await store.createConsumer(stream, name, 't');
  });
}

async function withStore<T>(cluster: string, use: (store: StreamStore) => Promise<T>): Promise<T> {
  const { store, client } = await system.streams(ACCOUNT.name, cluster);
  try {
    return await use(store);
  } finally {
    await client.close();
  }
}

function as(name: string, place: typeof HUB | typeof LEAF): Promise<NatsConnection> {
  return system.as(usersServed(ACCOUNT, place).find((user) => user.name === name) as UserAt);
}

/** Each one is acknowledged by the leaf node before the next one is sent. */
async function publish(from: number, to: number): Promise<void> {
  const plc = await as('plc', LEAF);
  for (let number = from; number < to; number += 1) await plc.request('orders.cluster-b.n', String(number), 5_000);
  await plc.close();
}

async function copied(count: number): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(500)) {
    const streams = await withStore(HUB.name, (store) => store.streams());
    if (streams.some(({ name, messages }) => name === 'OUTBOX-cluster-b' && messages === count)) return;
  }
  throw new Error(`the broker has no copy of ${count} messages`);
}

test('what a leaf node acknowledged outlasts crashes at either end, and is read at the broker whole and in order', async () => {
  await publish(0, 200);
  await copied(200);
  await system.kill(HUB.name);
  await publish(200, 400);
  await system.kill(LEAF.name);
  await system.start(LEAF.name);
  await publish(400, 600);
  await system.start(HUB.name);
  await copied(600);

  const erp = await as('erp', HUB);
  const read: string[] = [];
  while (read.length < 600) read.push(await erp.request('$JS.API.CONSUMER.MSG.NEXT.OUTBOX-cluster-b.erp', '', 5_000));
  await erp.close();
  expect(read).toEqual(Array.from({ length: 600 }, (_, number) => String(number)));
}, 180_000);
