import { expect, test } from '@jest/globals';
import { parseTopology } from '../../../src/domain/topology/parse.js';

const PLC = '{ name: plc, at: [each-leaf], publish: ["orders.{cluster}.>", x, y, "x.>"] }';

const file = (streams: string, { user = PLC, nats = '' } = {}): string => `
apiVersion: leafspan/v1
name: plant-7
broker: { name: cluster-a, hosts: [{ ssh: { address: 192.0.2.10, user: u } }] }
leaves:
  - { name: cluster-b, hosts: [{ ssh: { address: 192.0.2.20, user: u } }] }
  - { name: cluster-c, hosts: [{ ssh: { address: 192.0.2.30, user: u } }] }
nats:
  ${nats}
  accounts:
    - name: ORDERS
      subjects: ["orders.{cluster}.>"]
      users: [${user}]
      streams: [${streams}]
`;

/** Each problem as `path: message (remedy)`. */
function problemsOf(text: string): string[] {
  const parsed = parseTopology(text, (path) => path);
  return parsed.ok ? [] : parsed.problems.map(({ path, message, remedy = '' }) => `${path}: ${message} (${remedy})`);
}

const OUTBOX = '{ name: OUTBOX, subjects: ["orders.{cluster}.>"], at: each-leaf, mirrorTo: broker }';

test.each([
  ['at each leaf cluster, with copies', OUTBOX],
  ['at the broker', '{ name: ORDERS, subjects: ["orders.>"], at: broker, replicas: 1, maxAge: 72h, maxBytes: 1Gi }'],
  ['at some clusters', '{ name: ORDERS, subjects: ["orders.>"], at: [broker, cluster-b], discard: new }'],
])('a stream %s is accepted', (_, stream) => {
  expect(problemsOf(file(stream))).toEqual([]);
});

const ERP = '{ name: erp, at: [broker], consume: [OUTBOX] }';

test('a user of the broker may read copies, and need not publish or subscribe', () => {
  expect(problemsOf(file(OUTBOX, { user: `${PLC}, ${ERP}` }))).toEqual([]);
});

test('a stream may keep what another account sends', () => {
  const stock =
    '    - { name: STOCK, subjects: [stock.>], users: [{ name: s, at: [broker], publish: [stock.>] }], exports: [{ stream: stock.*, to: [ORDERS] }] }\n';
  expect(problemsOf(file('{ name: S, subjects: [stock.out], at: broker }') + stock)).toEqual([]);
});

test.each<[what: string, text: string, problem: string]>([
  [
    'a place that is not there',
    file('{ name: S, subjects: [x], at: cluster-d }'),
    'nats.accounts[0].streams[0].at: "cluster-d" is not a place where streams are kept (did you mean cluster-a?)',
  ],
  [
    '{cluster} at the broker',
    file('{ name: S, subjects: ["x.{cluster}"], at: broker }'),
    'nats.accounts[0].streams[0].subjects: {cluster} has no meaning for a stream at the broker (write * instead, or another stream for the leaf clusters)',
  ],
  [
    'a copy of what is at the broker itself',
    file('{ name: S, subjects: [x], at: broker, mirrorTo: broker }'),
    'nats.accounts[0].streams[0].mirrorTo: the stream is at the broker itself (leave mirrorTo out, or keep the stream at leaf clusters)',
  ],
  [
    'two streams of one name',
    file('{ name: S, subjects: [x], at: broker }, { name: S, subjects: [y], at: broker }'),
    'nats.accounts[0].streams[1].name: "S" is also the name of streams[0] (give it another name)',
  ],
  [
    'two streams that keep one subject in a cluster',
    file('{ name: S, subjects: ["x.>"], at: each-leaf }, { name: T, subjects: ["x.{cluster}"], at: cluster-c }'),
    'nats.accounts[0].streams[1].subjects: overlaps the subjects of streams[0] in cluster-c (keep each subject in one stream of a cluster)',
  ],
  [
    'a stream to read that is not there',
    file(OUTBOX, { user: `${PLC}, { name: a, at: [broker], consume: [NONE] }` }),
    'nats.accounts[0].users[1].consume[0]: "NONE" is not a stream of ORDERS (name one of its streams)',
  ],
  [
    'a stream to read that is kept elsewhere',
    file('{ name: S, subjects: [x], at: broker }', { user: `${PLC}, { name: a, at: [each-leaf], consume: [S] }` }),
    'nats.accounts[0].users[1].consume[0]: S is not kept at each-leaf, where a connects (keep the stream there, mirror it to the broker, or write another user for the other place)',
  ],
  [
    'more than there is room for, with a copy of each leaf cluster',
    file('{ name: S, subjects: ["x.{cluster}"], at: each-leaf, mirrorTo: broker, maxBytes: 2Gi }', {
      nats: 'jetstream: { broker: { maxFile: 3Gi } }',
    }),
    'nats.jetstream.broker.maxFile: the streams of cluster-a may hold 4Gi, and it has room for 3Gi (lower maxBytes of streams, or set nats.jetstream.broker.maxFile to 4Gi)',
  ],
  [
    'a subject on which no user may publish',
    file('{ name: S, subjects: ["orders.>", "stock.{cluster}"], at: cluster-b }'),
    'nats.accounts[0].streams[0].subjects[1]: no user of ORDERS may publish on "stock.{cluster}", so nothing would be kept (correct the subject, or let a user publish on it)',
  ],
  ['a stream nowhere', file('{ name: S, subjects: [x] }'), 'nats.accounts[0].streams[0].at: is missing'],
  [
    'more replicas than there are servers',
    file('{ name: S, subjects: [x], at: broker, replicas: 3 }'),
    'nats.accounts[0].streams[0].replicas: ',
  ],
])('%s is refused', (_, text, problem) => {
  expect(problemsOf(text)).toEqual([expect.stringContaining(problem)]);
});
