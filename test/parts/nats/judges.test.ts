import { expect, test } from '@jest/globals';
import { hubScope } from '../../../src/contract/topology/scope.js';
import { keyOf } from '../../../src/parts/check.js';
import { latencyOfLink } from '../../../src/parts/nats/checks/crossing.js';
import { checksIn, judged } from '../../support/parts/part-checks.js';
import { firstLeaf } from '../../support/parts/site.js';
import { twoClusters, twoLeaves } from '../../support/topologies.js';

const HUB = hubScope(twoClusters());
const LEAF = firstLeaf();
const FLEET = { ...HUB, leaves: Array.from({ length: 1_000 }, (_, index) => `site-${index}`) };

const atBroker = { name: 'leaf-cluster-b', account: 'APP', is_spoke: false };
const atLeaf = { name: 'broker-cluster-a', account: 'APP', is_spoke: true, rtt: '1.34ms' };
const connection = { cid: 7, kind: 'Leafnode', account: 'APP' };
const fleet = (from: number) =>
  FLEET.leaves.slice(from).map((leaf) => ({ name: `leaf-${leaf}`, account: 'APP', is_spoke: false }));

test.each<[id: string, facts: unknown, text: string]>([
  ['broker-ready', undefined, 'pass'],
  ['broker-ready', { saw: '0 of 1 pods are ready' }, 'fail: the broker is not ready: 0 of 1 pods are ready'],
  ['broker-lists-leaves', { leafs: [atBroker] }, 'pass: 1 leaf node'],
  ['broker-lists-leaves', { leafs: [] }, 'fail: the broker does not list 1 of 1 leaf nodes: leaf-cluster-b'],
  [
    'broker-lists-leaves',
    { leafs: [{ ...atBroker, account: '$G' }] },
    'fail: the broker does not list 1 of 1 leaf nodes: leaf-cluster-b',
  ],
  ['broker-accepts-probe', { outcome: 'accepted', latencyMs: 1.25 }, 'pass: round trip 1.3 ms'],
  ['broker-accepts-probe', { outcome: 'refused', saw: 'TLS alert' }, 'fail: the client was refused | TLS alert'],
  ['broker-accepts-probe', { outcome: 'unknown', saw: 'TIMEOUT' }, 'fail: the client did not get in | TIMEOUT'],
  ['refuses-plaintext', { outcome: 'refused', saw: 'TLS' }, 'pass: TLS'],
  ['refuses-plaintext', { outcome: 'accepted', latencyMs: 0 }, 'fail: the broker let it in'],
])('on the hub %s judges %j', (id, facts, text) => {
  expect(judged(HUB, id, facts)).toBe(text);
});

test.each<[id: string, facts: unknown, text: string]>([
  ['leaf-ready', undefined, 'pass'],
  [
    'leaf-ready',
    { saw: 'the StatefulSet is not there' },
    'fail: the leaf node is not ready: the StatefulSet is not there',
  ],
  ['leaf-linked', { leafs: [atLeaf] }, 'pass: round trip 1.34ms'],
  ['leaf-linked', { leafs: [{ ...atLeaf, rtt: undefined }] }, 'fail: the link has no round trip yet'],
  [
    'leaf-linked',
    { leafs: [{ ...atLeaf, name: 'other' }] },
    'fail: the leaf node has no link to broker-cluster-a | other',
  ],
  [
    'leaf-linked',
    { leafs: [{ ...atLeaf, is_spoke: false }] },
    'fail: the leaf node has no link to broker-cluster-a | broker-cluster-a',
  ],
  ['broker-lists-leaf', [{ ...connection, rtt: '2ms' }], 'pass: round trip 2ms'],
  ['broker-lists-leaf', [connection], 'pass'],
  ['broker-lists-leaf', [], 'fail: the broker does not list leaf-cluster-b in account APP | no connection'],
  [
    'broker-lists-leaf',
    [{ ...connection, account: '$G' }],
    'fail: the broker does not list leaf-cluster-b in account APP | Leafnode in $G',
  ],
  [
    'broker-lists-leaf',
    [{ ...connection, kind: 'Client' }],
    'fail: the broker does not list leaf-cluster-b in account APP | Client in APP',
  ],
  ['message-broker-to-leaf', { arrived: true, latencyMs: 2 }, 'pass: 2.0 ms'],
  ['message-leaf-to-broker', { arrived: false, latencyMs: Number.NaN }, 'fail: no message arrived within 3 s'],
  [
    'subscriber-receives-publisher',
    {
      log: 'Message #6 - Published at 2026-11-24 15:59:55 UTC\nMessage #7 - Published at 2026-11-24 16:00:00 UTC',
    },
    'pass: Message #7',
  ],
  [
    'subscriber-receives-publisher',
    { log: 'a\nb\nc\nconnected\n', listeningSeconds: 1 },
    "fail: the subscriber's log has no message of the publisher | b | c | connected",
  ],
  [
    'subscriber-receives-publisher',
    { log: '' },
    "fail: the subscriber's log has no message of the publisher | nothing",
  ],
  [
    'subscriber-receives-publisher',
    { log: '', trouble: { pod: 'subscriber-1', saw: 'pod subscriber-1: ImagePullBackOff: no such host' } },
    'fail: the subscriber does not run | pod subscriber-1: ImagePullBackOff: no such host',
  ],
])('on a leaf %s judges %j', (id, facts, text) => {
  expect(judged(LEAF, id, facts)).toBe(text);
});

test.each<[what: string, tookMs: number, roundTripsMs: number[], linkMs: number]>([
  ['on one host', 0.4, [0, 0], 0.4],
  ['through tunnels of 40 and 44 ms', 45, [40, 44], 3],
  ['whose tunnels were slower for a moment', 40, [40, 44], 0],
])('the latency of a message %s is that of the link', (_what, tookMs, roundTripsMs, linkMs) => {
  expect(latencyOfLink(tookMs, roundTripsMs)).toBe(linkMs);
});

/** Activities that run checks are given 15 minutes. */
const ACTIVITY_SECONDS = 15 * 60;

test.each([1, 5, 60, 120, 121, 9_999])(
  'a publisher that sends every %i s makes no check outlast its activity',
  (publishEverySeconds) => {
    const scope = firstLeaf(twoClusters({ nats: { ...twoClusters().nats, publishEverySeconds } }));
    const longest = Math.max(...checksIn(scope).map(({ retry }) => retry?.forSeconds ?? 0));
    expect(longest).toBeLessThan(ACTIVITY_SECONDS / 2);
  },
);

test.each<[listeningSeconds: number | undefined, log: string, text: string]>([
  [30, '', 'skip: the publisher sends every 9999 s, and the subscriber has listened for 30 s'],
  [30, 'Message #7 - Published at 2026-11-24 16:00:00 UTC', 'pass: Message #7'],
  [19_998, '', "fail: the subscriber's log has no message of the publisher | nothing"],
  [undefined, '', "fail: the subscriber's log has no message of the publisher | nothing"],
])('a publisher that is slow is judged only when a message was due (%s s, %j)', (listeningSeconds, log, text) => {
  const slow = firstLeaf(twoClusters({ nats: { ...twoClusters().nats, publishEverySeconds: 9_999 } }));
  expect(judged(slow, 'subscriber-receives-publisher', { log, listeningSeconds })).toBe(text);
});

test.each([
  [0, 'pass: 1000 leaf nodes'],
  [3, 'fail: the broker does not list 3 of 1000 leaf nodes: leaf-site-0, leaf-site-1, leaf-site-2'],
  [
    997,
    `fail: the broker does not list 997 of 1000 leaf nodes: ${FLEET.leaves
      .slice(0, 10)
      .map((leaf) => `leaf-${leaf}`)
      .join(', ')} and 987 more`,
  ],
])('of a thousand leaves with %i missing at most ten are named', (missing, text) => {
  expect(judged(FLEET, 'broker-lists-leaves', { leafs: fleet(missing) })).toBe(text);
});

test.each([HUB, LEAF, hubScope(twoClusters({ leaves: twoLeaves() }))])(
  'every check has a key of its own, and needs checks of its cluster (%#)',
  (scope) => {
    const checks = checksIn(scope);
    const keys = new Set(checks.map(keyOf));
    expect(keys.size).toBe(checks.length);
    expect(checks.flatMap(({ needs = [] }) => needs).filter((need) => !keys.has(need))).toEqual([]);
  },
);

test.each([HUB, LEAF])('a title is a statement (%#)', (scope) => {
  expect(checksIn(scope).filter(({ title }) => /check|should/i.test(title))).toEqual([]);
});

test('the hub has as many checks with a thousand leaves as with one', () => {
  expect(checksIn(FLEET)).toHaveLength(checksIn(HUB).length);
});
