import { expect, test } from '@jest/globals';
import { parseTopology } from '../../../src/domain/topology/parse.js';

const file = (accounts: string, more = ''): string => `
apiVersion: leafspan/v1
name: plant-7
broker: { name: cluster-a, hosts: [{ ssh: { address: 192.0.2.10, user: u } }] }
leaves:
  - { name: cluster-b, hosts: [{ ssh: { address: 192.0.2.20, user: u } }] }
  - { name: cluster-c, hosts: [{ ssh: { address: 192.0.2.30, user: u } }] }
nats:
  accounts:
${accounts.replaceAll(/^/gm, '    ')}
${more}`;

const account = (user: string, more = ''): string => `
- name: ORDERS
  subjects: ["orders.{cluster}.>"]
  users: [${user}]
  ${more}`;

/** Each problem as `path: message (remedy)`. */
function problemsOf(text: string): string[] {
  const parsed = parseTopology(text, (path) => path);
  return parsed.ok ? [] : parsed.problems.map(({ path, message, remedy = '' }) => `${path}: ${message} (${remedy})`);
}

test('accounts as docs/accounts.md has them are accepted', () => {
  const plc = '{ name: plc, at: [each-leaf], publish: ["orders.{cluster}.>"], subscribe: ["orders.{cluster}.ack"] }';
  expect(problemsOf(file(account(`${plc}, { name: erp, at: [broker, outside], subscribe: ["orders.>"] }`)))).toEqual(
    [],
  );
});

test.each<[what: string, text: string, path: string, message: string]>([
  [
    'a place that is not there',
    account('{ name: a, at: [cluster-d], publish: [x] }'),
    'nats.accounts[0].users[0].at[0]',
    '"cluster-d" is not a place of this topology (did you mean cluster-',
  ],
  [
    'a user who may do nothing',
    account('{ name: a, at: [broker] }'),
    'nats.accounts[0].users[0]',
    '"a" may neither publish nor subscribe',
  ],
  [
    'two users of one name',
    account('{ name: a, at: [broker], publish: [x] }, { name: a, at: [broker], publish: [y] }'),
    'nats.accounts[0].users[1].name',
    '"a" is also the name of users[0]',
  ],
  [
    '{cluster} outside of clusters',
    account('{ name: a, at: [outside], publish: ["x.{cluster}"] }'),
    'nats.accounts[0].users[0]',
    '{cluster} has no meaning for a user outside the clusters',
  ],
  [
    'a namespace outside of clusters',
    account('{ name: a, at: [outside], publish: [x], secretIn: [apps] }'),
    'nats.accounts[0].users[0].secretIn',
    'a user outside the clusters has no namespace',
  ],
  [
    'a subscription of which a part may cross',
    account('{ name: a, at: [cluster-b], subscribe: ["orders.>"] }'),
    'nats.accounts[0].users[0].subscribe[0]',
    'only a part of "orders.>" may cross the link of cluster-b',
  ],
  [
    'an export of a stream and a service',
    account('{ name: a, at: [broker], publish: [x] }', 'exports: [{ stream: x, service: y, to: [ORDERS] }]'),
    'nats.accounts[0].exports[0]',
    'names a stream and a service, or neither',
  ],
  [
    'an export to itself',
    account('{ name: a, at: [broker], publish: [x] }', 'exports: [{ stream: x, to: [ORDERS] }]'),
    'nats.accounts[0].exports[0].to[0]',
    'is the account itself',
  ],
  [
    'an export to no account',
    account('{ name: a, at: [broker], publish: [x] }', 'exports: [{ stream: x, to: [BILLING] }]'),
    'nats.accounts[0].exports[0].to[0]',
    '"BILLING" is not one of nats.accounts',
  ],
  [
    'the name of an account of leafspan',
    account('{ name: a, at: [broker], publish: [x] }').replace('ORDERS', 'APP'),
    'nats.accounts[0].name',
    '"APP" is an account of leafspan',
  ],
  [
    'two accounts whose files would have one name',
    `${account('{ name: a, at: [broker], publish: [x] }').replace('ORDERS', 'A_B')}${account('{ name: a, at: [broker], publish: [x] }').replace('ORDERS', 'A-B')}`,
    'nats.accounts[1].name',
    '"A-B" is also the name of nats.accounts[0]',
  ],
  [
    'an inbox as a subject',
    account('{ name: a, at: [broker], publish: ["_INBOX.x"] }'),
    'nats.accounts[0].users[0].publish[0]',
    'must be a NATS subject such as orders.{cluster}.>',
  ],
  [
    'a subject of NATS itself',
    account('{ name: a, at: [broker], publish: ["$SYS.>"] }'),
    'nats.accounts[0].users[0].publish[0]',
    'must be a NATS subject',
  ],
  [
    'a wildcard within a token',
    account('{ name: a, at: [broker], publish: ["orders.a*"] }'),
    'nats.accounts[0].users[0].publish[0]',
    'must be a NATS subject',
  ],
  [
    'a rest in the middle',
    account('{ name: a, at: [broker], publish: ["orders.>.x"] }'),
    'nats.accounts[0].users[0].publish[0]',
    'must be a NATS subject',
  ],
])('%s is refused', (_what, text, path, message) => {
  const problems = problemsOf(file(text));
  expect(problems.join('\n')).toContain(`${path}: ${message}`);
});

test('more links than the configuration of the broker holds are refused', () => {
  const leaf = (index: number): string =>
    `  - { name: leaf-${index}, hosts: [{ ssh: { address: 10.1.${Math.floor(index / 250)}.${index % 250}, user: u } }] }`;
  const leaves = Array.from({ length: 800 }, (_, index) => leaf(index)).join('\n');
  const one = (name: string): string => `
- { name: ${name}, subjects: [x], users: [{ name: a, at: [each-leaf], publish: [x] }] }`;
  const text = file(one('ONE') + one('TWO')).replace(/ {2}- \{ name: cluster-b[\s\S]*?(?=nats:)/, `${leaves}\n`);
  expect(problemsOf(text)).toEqual([
    'nats.accounts: needs 2400 links at the broker, and its configuration holds 1600 (give fewer leaf clusters users of their own, or put what belongs together into one account)',
  ]);
});

test('exports that lead back are refused', () => {
  const one = (name: string, to: string): string => `
- name: ${name}
  subjects: [x]
  users: [{ name: a, at: [broker], publish: [x] }]
  exports: [{ stream: "x.>", to: [${to}] }]`;
  expect(problemsOf(file(one('ONE', 'TWO') + one('TWO', 'ONE')))[0]).toContain(
    'messages on "x.>" come back to ONE through the exports of others',
  );
});

test('a user from outside needs a port', () => {
  const text = file(account('{ name: a, at: [outside], publish: [x] }'), '  edge: none');
  expect(problemsOf(text).join()).toContain('nats.edge "none" lets no user in from outside');
});

test('a cluster may not have the name of a place', () => {
  const text = file(account('{ name: a, at: [broker], publish: [x] }')).replace('name: cluster-c', 'name: outside');
  expect(problemsOf(text).join()).toContain('leaves[1].name: "outside" has a meaning of its own in nats.accounts');
});
