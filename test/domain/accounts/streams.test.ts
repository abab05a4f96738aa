import { expect, test } from '@jest/globals';
import {
  bytesOf,
  isKept,
  leafOfMirror,
  mirrorName,
  mirrorsOf,
  streamsIn,
} from '../../../src/domain/accounts/streams.js';
import { outbox } from '../../support/accounts.js';

test.each([
  ['OUTBOX', 'cluster-b'],
  ['A', 'b'],
  ['A-1', 'x-2-y'],
  ['A-', 'b'],
])('of the copy of %s for %s the leaf cluster can be told', (stream, leaf) => {
  expect(leafOfMirror(mirrorName(stream, leaf))).toBe(leaf);
  expect(leafOfMirror(stream)).toBeUndefined();
});

test('a stream of each leaf cluster keeps the subjects of that cluster, and its copy has the name of both', () => {
  const place = { name: 'cluster-b', role: 'leaf' } as const;
  expect(streamsIn(outbox(), place)).toMatchObject([{ name: 'OUTBOX', subjects: ['orders.cluster-b.>'] }]);
  expect(mirrorsOf(outbox(), 'cluster-b')).toMatchObject([{ name: 'OUTBOX-cluster-b', mirrorOf: 'cluster-b' }]);
  expect(streamsIn(outbox(), { name: 'cluster-a', role: 'broker' })).toMatchObject([
    { name: 'ORDERS', maxAgeSeconds: 259_200, maxBytes: 1_073_741_824 },
  ]);
});

test.each([
  ['512Mi', 536_870_912],
  ['2Gi', 2_147_483_648],
])('%s are %i bytes', (text, bytes) => {
  expect(bytesOf(text)).toBe(bytes);
});

test('a message is kept if a stream of any cluster keeps its subject', () => {
  expect(isKept([outbox()], 'orders.cluster-x.new')).toBe(true);
  expect(isKept([outbox()], 'bills.new')).toBe(false);
});
