import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Account } from '../../../src/contract/topology/topology.js';
import { accountsOfLeaf, usersServed, type UserAt } from '../../../src/domain/accounts/accounts.js';
import { linkProblem, told, type Cell } from '../../../src/domain/accounts/matrix.js';
import { linkRules } from '../../../src/domain/accounts/permissions.js';
import { welcomeIn } from '../../../src/domain/nats/leaf-welcome.js';
import { parseLeafz } from '../../../src/domain/nats/monitor.js';
import { tryRules } from '../../../src/parts/nats/checks/trial.js';
import { billing, orders } from '../../support/accounts.js';
import { eventually, startNatsSystem, type NatsSystem } from '../../support/nats-system.js';

const LEAVES = ['cluster-b', 'cluster-c'];
const ACCOUNTS = [orders(), billing()];
let system: NatsSystem;

beforeAll(async () => {
  system = await startNatsSystem(LEAVES, { accounts: ACCOUNTS });
  // APP's two links, two of ORDERS and one of BILLING.
  await linked(5);
});

afterAll(() => system.stop());

const linked = (count: number): Promise<void> =>
  eventually(async () => parseLeafz(await system.monitor('cluster-a', 'leafz')).leafs.length === count);

const usersOf = (accounts: readonly Account[]): UserAt[] =>
  accounts.flatMap((account) => [
    ...usersServed(account, { name: 'cluster-a', role: 'broker' }),
    ...LEAVES.flatMap((name) => usersServed(account, { name, role: 'leaf' })),
  ]);

/** All that goes otherwise than the topology says, as sentences without the nonce. */
async function trial(accounts: readonly Account[], isMine: (cell: Cell) => boolean = () => true): Promise<string[]> {
  const users = usersOf(accounts);
  const seats = await Promise.all(users.map(async (user) => ({ user, client: await system.as(user) })));
  try {
    const { wrong } = await tryRules({
      messaging: { hub: 'cluster-a', accounts },
      seats,
      isMine,
      sends: () => true,
      clock: { now: () => Date.now(), sleep: (ms) => sleep(ms) },
      signal: new AbortController().signal,
      patienceMs: 1_000,
    });
    return [
      ...wrong.map((cell) => told(cell, users).replaceAll(/[0-9a-f]{16}/g, 'nonce')),
      ...(await linkProblems(accounts)),
    ];
  } finally {
    await Promise.all(seats.map(({ client }) => client.close()));
  }
}

const linkProblems = async (accounts: readonly Account[]): Promise<string[]> => {
  const all = LEAVES.flatMap((leaf) => accountsOfLeaf(accounts, leaf).map((account) => ({ leaf, account })));
  const problems = await Promise.all(
    all.map(async ({ leaf, account }) =>
      linkProblem(
        account,
        linkRules(account, 'cluster-a', leaf),
        welcomeIn(await system.askForLink(account.name, leaf)),
      ),
    ),
  );
  return problems.flatMap((problem) => problem ?? []);
};

/** A server whose configuration has a mistake, and gets the right one back afterwards. */
async function withMistake(at: string, change: (conf: string) => string): Promise<string[]> {
  await reloaded(at, change);
  try {
    return await trial(ACCOUNTS);
  } catch (error) {
    return [`a user does not get in: ${String(error)}`];
  } finally {
    await reloaded(at, (conf) => conf);
  }
}

/** Waits until the server has loaded another configuration than before. */
async function reloaded(at: string, change: (conf: string) => string): Promise<void> {
  const digest = async (): Promise<unknown> =>
    (JSON.parse(await system.monitor(at, 'varz')) as { config_digest?: unknown }).config_digest;
  const before = await digest();
  system.reload(at, ACCOUNTS, change);
  await eventually(async () => (await digest()) !== before);
}

/** The text of an account, up to its next neighbour. */
const within = (account: string, change: (text: string) => string) => (conf: string) => {
  const start = conf.indexOf(`\n  ${account}: {`);
  const end = conf.indexOf('\n  }', start);
  return conf.slice(0, start) + change(conf.slice(start, end)) + conf.slice(end);
};

/** Within the text of one user of an account. */
const ofUser = (account: string, user: string, change: (text: string) => string) =>
  within(account, (text) => {
    const start = text.indexOf(`user: "${user}.`);
    const end = text.indexOf('user: "', start + 1);
    return (
      text.slice(0, start) + change(text.slice(start, end < 0 ? undefined : end)) + (end < 0 ? '' : text.slice(end))
    );
  });

const exchanged = (one: string, other: string) => (conf: string) =>
  conf
    .replace(`"${one}.nats.local"`, '"of-the-other"')
    .replace(`"${other}.nats.local"`, `"${one}.nats.local"`)
    .replace('"of-the-other"', `"${other}.nats.local"`);

const rule = (side: 'publish' | 'subscribe', subjects: string) => (text: string) =>
  text.replace(new RegExp(`(${side}: \\{\\s+)(allow|deny): \\[[^\\]]*\\]`), `$1allow: [${subjects}]`);

type Mistake = [what: string, at: string, change: (conf: string) => string];

const SEATS: [account: string, user: string, at: string][] = [
  ['ORDERS', 'erp', 'cluster-a'],
  ['ORDERS', 'audit', 'cluster-a'],
  ['ORDERS', 'plc', 'cluster-b'],
  ['ORDERS', 'panel', 'cluster-b'],
  ['ORDERS', 'plc', 'cluster-c'],
  ['BILLING', 'books', 'cluster-a'],
  ['BILLING', 'desk', 'cluster-c'],
];
const LINKS: [account: string, leaf: string][] = [
  ['ORDERS', 'cluster-b'],
  ['ORDERS', 'cluster-c'],
  ['BILLING', 'cluster-c'],
];

const MISTAKES: Mistake[] = [
  ...SEATS.flatMap(([account, user, at]): Mistake[] => [
    [`${user} at ${at} may publish everything`, at, ofUser(account, user, rule('publish', '">"'))],
    [`${user} at ${at} may hear everything`, at, ofUser(account, user, rule('subscribe', '">"'))],
    [`${user} at ${at} may hear nothing`, at, ofUser(account, user, rule('subscribe', '"nothing"'))],
    [
      `${user} at ${at} may hear the replies to others`,
      at,
      ofUser(account, user, (text) => text.replaceAll(/"_INBOX[^"]*"/g, '"_INBOX.>"')),
    ],
    [
      `${user} at ${at} is another kind of connection`,
      at,
      ofUser(account, user, (text) => text.replace('STANDARD', 'MQTT')),
    ],
  ]),
  ...LINKS.flatMap(([account, leaf]): Mistake[] => [
    [
      `the link of ${account} at ${leaf} may send everything`,
      'cluster-a',
      ofUser(account, `leaf-${leaf}`, rule('publish', '">"')),
    ],
    [
      `the link of ${account} at ${leaf} gets everything`,
      'cluster-a',
      ofUser(account, `leaf-${leaf}`, rule('subscribe', '">"')),
    ],
    [
      `the link of ${account} at ${leaf} gets the replies to others`,
      'cluster-a',
      ofUser(account, `leaf-${leaf}`, (text) => text.replace(`"_INBOX.${leaf}.>"`, '"_INBOX.>"')),
    ],
    [
      `the link of ${account} at ${leaf} is not known`,
      'cluster-a',
      ofUser(account, `leaf-${leaf}`, (text) => text.replace('user: "leaf', 'user: "leaf-of-none')),
    ],
  ]),
  ['erp may publish nothing', 'cluster-a', ofUser('ORDERS', 'erp', rule('publish', '"nothing"'))],
  [
    'the link of ORDERS leads to the account of the checks',
    'cluster-a',
    exchanged('leaf-cluster-c.orders', 'leaf-cluster-c'),
  ],
  [
    'the links of two accounts are exchanged',
    'cluster-a',
    exchanged('leaf-cluster-c.orders', 'leaf-cluster-c.billing'),
  ],
  ['an export is missing', 'cluster-a', within('BILLING', (text) => text.replace(/imports: \[[\s\S]*\]/, ''))],
  ['an export is for everything', 'cluster-a', (conf) => conf.replaceAll('"orders.*.done"', '"orders.>"')],
];

test('every rule of the topology holds on the wire, allowed and denied, across all sites', async () => {
  expect(await trial(ACCOUNTS)).toEqual([]);
});

test('a check of some cells only still hears what they send', async () => {
  const isOfLeaf = ({ kind, user }: Cell): boolean =>
    kind === 'deliver' && usersOf(ACCOUNTS)[user]?.site === 'cluster-b';
  expect(await trial(ACCOUNTS, isOfLeaf)).toEqual([]);
});

test('at least 50 mistakes are tried', () => {
  expect(new Set(MISTAKES.map(([what]) => what)).size).toBeGreaterThanOrEqual(50);
});

test.each(MISTAKES)('the checks see a mistake in the configuration: %s', async (_what, at, change) => {
  await expect(withMistake(at, change)).resolves.not.toEqual([]);
});
