import { expect, test } from '@jest/globals';
import { orders } from '../../support/accounts.js';
import { brokerConf } from '../../../src/domain/nats/conf.js';
import { renderNats } from '../../../src/domain/nats/nats-value.js';
import { publisherCommand, subscriberCommand } from '../../../src/domain/nats/objects/programs.js';

const broker = brokerConf({
  cluster: 'cluster-a',
  leaves: ['cluster-b', 'cluster-c'],
  subject: 'test.messages',
  accounts: [],
});

test('every user opens one kind of connection, so that no client certificate opens a leaf link', () => {
  expect((broker.match(/allowed_connection_types/g) ?? []).length).toBe((broker.match(/user:/g) ?? []).length);
  expect((broker.match(/\["LEAFNODE"\]/g) ?? []).length).toBe(2);
});

test('no leaf may send what the others would take for a message of the publisher', () => {
  const leafUsers = broker.split('user: "leaf-').slice(1);
  expect(leafUsers).toHaveLength(2);
  const publish = leafUsers.map((user) => /publish: \{\s+allow: (\[.*\])/.exec(user)?.[1]);
  expect(publish).toEqual(Array(2).fill('["leafspan.probe.>", "_INBOX.cluster-a.>"]'));
});

test('a leaf with another key pair is another user, and its earlier one is none', () => {
  const users = (leafKeys?: Record<string, number>): string[] =>
    [
      ...brokerConf({
        cluster: 'cluster-a',
        leaves: ['cluster-b', 'constructor'],
        subject: undefined,
        accounts: [orders()],
        leafKeys,
      }).matchAll(/user: "((?:\d+\.)?leaf-[^"]+)"/g),
    ].map(([, user = '']) => user);
  expect(users({ 'cluster-b': 2 })).toEqual([
    '2.leaf-cluster-b.nats.local',
    'leaf-constructor.nats.local',
    '2.leaf-cluster-b.orders.nats.local',
    'leaf-constructor.orders.nats.local',
  ]);
  expect(users({ 'cluster-b': 1 })).toEqual(users());
});

test('quotes every text, since NATS reads a bare 30s or 1k as a number', () => {
  expect(renderNats({ a: '30s', b: 5, c: true, d: ['x', 'y'], e: { f: 'a"b' } })).toBe(
    'a: "30s"\nb: 5\nc: true\nd: ["x", "y"]\ne: {\n  f: "a\\"b"\n}\n',
  );
});

test('the publisher keeps one connection', () => {
  const spec = {
    app: 'publisher' as const,
    cluster: 'cluster-a',
    image: 'x',
    server: 'nats:4222',
    subject: 'test.messages',
    publishEverySeconds: 5,
    checksum: '',
  };
  expect(publisherCommand(spec).match(/nats --no-context/g)).toHaveLength(1);
  expect(publisherCommand(spec)).toContain('sleep 5');
  expect(subscriberCommand(spec)).toMatch(/nats --no-context .* sub test\.messages 2>\/tmp\/said & pid=/);
});
