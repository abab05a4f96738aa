import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Account } from '../../../src/contract/topology/topology.js';
import { usersServed, type UserAt } from '../../../src/domain/accounts/accounts.js';
import { parseLeafz } from '../../../src/domain/nats/monitor.js';
import type { NatsConnection } from '../../../src/parts/ports.js';
import { billing, orders } from '../../support/accounts.js';
import { eventually, startNatsSystem, type NatsSystem } from '../../support/nats-system.js';

const BEFORE = [orders({ exports: [] })];
const AFTER = [
  orders({
    exports: [],
    users: [
      ...BEFORE.flatMap(({ users }) => users),
      { name: 'robot', at: ['cluster-b'], publish: ['orders.{cluster}.robot'], subscribe: [], secretIn: [] },
    ],
  }),
  billing({ users: [{ name: 'desk', at: ['cluster-b'], publish: ['bills.cluster-b'], subscribe: [], secretIn: [] }] }),
];
const MESSAGES = 400;

let system: NatsSystem;
let sender: NatsConnection;
let receiver: NatsConnection;

const user = (accounts: readonly Account[], name: string, site: string): UserAt => {
  const place = { name: site, role: site === 'cluster-a' ? ('broker' as const) : ('leaf' as const) };
  const found = accounts.flatMap((account) => usersServed(account, place)).find((one) => one.name === name);
  if (found === undefined) throw new Error(`no ${name} at ${site}`);
  return found;
};

const linked = (count: number): Promise<void> =>
  eventually(async () => parseLeafz(await system.monitor('cluster-a', 'leafz')).leafs.length === count);

beforeAll(async () => {
  system = await startNatsSystem(['cluster-b'], { accounts: BEFORE, later: AFTER });
  await linked(2);
  sender = await system.as(user(BEFORE, 'plc', 'cluster-b'));
  receiver = await system.as(user(BEFORE, 'erp', 'cluster-a'));
});

afterAll(async () => {
  await Promise.all([sender, receiver].map((client) => client.close()));
  await system.stop();
});

test('a user and an account that come cost the others no message and no connection', async () => {
  const heard: string[] = [];
  receiver.listen('orders.>', (text) => void heard.push(text));
  await eventually(async () => {
    sender.publish('orders.cluster-b.first', 'ready');
    await sender.flush();
    return heard.includes('ready');
  });
  const sent = Array.from({ length: MESSAGES }, (_, index) => `message ${index}`);
  for (const [index, text] of sent.entries()) {
    if (index === MESSAGES / 4) system.reload('cluster-a', AFTER);
    if (index === MESSAGES / 2) system.reload('cluster-b', AFTER);
    sender.publish('orders.cluster-b.count', text);
    await sleep(5);
  }
  await sender.flush();
  await linked(3); // APP, ORDERS and BILLING
  await eventually(() => Promise.resolve(heard.includes(sent.at(-1) ?? '')));
  expect(heard.filter((text) => text !== 'ready')).toEqual(sent);
});

test('the new user and the users of the new account get in, and their messages cross', async () => {
  const [robot, desk] = await Promise.all(
    ['robot', 'desk'].map(async (name) => system.as(user(AFTER, name, 'cluster-b'))),
  );
  const heard: string[] = [];
  receiver.listen('orders.cluster-b.robot', (text) => void heard.push(text));
  await eventually(async () => {
    robot?.publish('orders.cluster-b.robot', 'hello');
    await robot?.flush();
    return heard.length > 0;
  });
  desk?.publish('bills.cluster-b', 'one');
  await desk?.flush();
  expect(desk?.violations()).toEqual([]);
  await Promise.all([robot?.close(), desk?.close()]);
});

test('a user that goes is let in no more', async () => {
  const plc = user(BEFORE, 'plc', 'cluster-b');
  const others = BEFORE.map((account) => ({ ...account, users: account.users.filter(({ name }) => name !== 'plc') }));
  system.reload('cluster-b', others);
  await eventually(async () => {
    const client = await system.as(plc).catch(() => undefined);
    await client?.close();
    return client === undefined;
  });
});
