import type { TopologyFile } from '../../contract/topology/topology-schema.js';
import type { Account, AccountUser } from '../../contract/topology/topology.js';
import { isLinked, OUTSIDE } from '../accounts/accounts.js';
import { covers, forCluster, overlaps } from '../accounts/subjects.js';
import type { BrokenRule } from './broken-rule.js';
import { closest } from './closest.js';

type Path = BrokenRule['path'];

/** `at` says these instead of the name of a cluster. */
const PLACES = ['broker', OUTSIDE, 'each-leaf'];
const TAKEN = ['SYS', 'APP'];
/** Characters of JSON. The accounts travel in every payload, and NATS's configuration has them once a server. */
const MAX_SIZE = 40_000;

/** Every rule of nats.accounts that spans several fields. */
export function accountRules(file: TopologyFile): BrokenRule[] {
  const { accounts = [] } = file.nats;
  if (accounts.length === 0) return [];
  return [
    ...tooLarge(accounts),
    ...tooManyLinks(file, accounts),
    ...names(accounts),
    ...placesAsNames(file),
    ...accounts.flatMap((account, index) => {
      const path: Path = ['nats', 'accounts', index];
      return [
        ...account.users.flatMap((user, at) => userRules(file, account, user, [...path, 'users', at])),
        ...exportRules(accounts, account, path),
      ];
    }),
    ...cycles(accounts),
  ];
}

const tooLarge = (accounts: readonly Account[]): BrokenRule[] =>
  JSON.stringify(accounts).length <= MAX_SIZE
    ? []
    : [
        {
          path: ['nats', 'accounts'],
          message: `is larger than ${MAX_SIZE} characters`,
          remedy: 'name places with each-leaf and subjects with {cluster} instead of writing each cluster',
        },
      ];

/** The broker's configuration names the user of each link, in some 590 bytes, and a ConfigMap holds 1 MiB. */
const MAX_LINKS = 1_600;

function tooManyLinks({ leaves }: TopologyFile, accounts: readonly Account[]): BrokenRule[] {
  const links = leaves.map(({ name }) => 1 + accounts.filter((account) => isLinked(account, name)).length);
  const count = links.reduce((sum, each) => sum + each, 0);
  return count <= MAX_LINKS
    ? []
    : [
        {
          path: ['nats', 'accounts'],
          message: `needs ${count} links at the broker, and its configuration holds ${MAX_LINKS}`,
          remedy: 'give fewer leaf clusters users of their own, or put what belongs together into one account',
        },
      ];
}

/** In names of files and Secrets, capitals and underscores are no different. */
const folded = (name: string): string => name.toLowerCase().replaceAll('_', '-');

function names(accounts: readonly Account[]): BrokenRule[] {
  const remedy = 'give it another name';
  return accounts.flatMap((account, index) => {
    const path: Path = ['nats', 'accounts', index];
    const first = accounts.findIndex(({ name }) => folded(name) === folded(account.name));
    return [
      ...(TAKEN.includes(account.name)
        ? [{ path: [...path, 'name'], message: `"${account.name}" is an account of leafspan`, remedy }]
        : []),
      ...(first < index
        ? [
            {
              path: [...path, 'name'],
              message: `"${account.name}" is also the name of nats.accounts[${first}]`,
              remedy,
            },
          ]
        : []),
      ...account.users.flatMap(({ name }, at) => {
        const earlier = account.users.findIndex((user) => user.name === name);
        return earlier === at
          ? []
          : [
              {
                path: [...path, 'users', at, 'name'],
                message: `"${name}" is also the name of users[${earlier}]`,
                remedy,
              },
            ];
      }),
    ];
  });
}

function placesAsNames({ broker, leaves }: TopologyFile): BrokenRule[] {
  return [broker, ...leaves].flatMap(({ name }, index) =>
    !PLACES.includes(name) || (name === 'broker' && index === 0)
      ? []
      : [
          {
            path: index === 0 ? ['broker', 'name'] : ['leaves', index - 1, 'name'],
            message: `"${name}" has a meaning of its own in nats.accounts`,
            remedy: 'give the cluster another name',
          },
        ],
  );
}

function userRules(file: TopologyFile, account: Account, user: AccountUser, path: Path): BrokenRule[] {
  return [
    ...unknownPlaces(file, user, path),
    ...(user.publish.length + user.subscribe.length + (user.consume ?? []).length === 0
      ? [{ path, message: `"${user.name}" may neither publish nor subscribe`, remedy: 'give it subjects' }]
      : []),
    ...(user.at.includes(OUTSIDE) ? outsideRules(file, user, path) : []),
    ...halfCrossing(file, account, user, path),
  ];
}

function unknownPlaces({ broker, leaves }: TopologyFile, { at }: AccountUser, path: Path): BrokenRule[] {
  const known = new Set([...PLACES, broker.name, ...leaves.map(({ name }) => name)]);
  return at.flatMap((place, index) => {
    if (known.has(place)) return [];
    const near = closest(place, [...known]);
    const remedy =
      near === undefined ? 'write broker, outside, each-leaf, or the name of a cluster' : `did you mean ${near}?`;
    return [{ path: [...path, 'at', index], message: `"${place}" is not a place of this topology`, remedy }];
  });
}

function outsideRules(
  { nats }: TopologyFile,
  { publish, subscribe, secretIn, at }: AccountUser,
  path: Path,
): BrokenRule[] {
  const broken: BrokenRule[] = [];
  if (nats.edge === 'none')
    broken.push({
      path: [...path, 'at'],
      message: 'nats.edge "none" lets no user in from outside',
      remedy: 'use edge: nodePort or nginx, or another place',
    });
  if ([...publish, ...subscribe].some((subject) => subject.includes('{cluster}')))
    broken.push({
      path,
      message: '{cluster} has no meaning for a user outside the clusters',
      remedy: 'write another user for the place outside, with subjects of its own',
    });
  if (secretIn.length > 0 && at.length === 1)
    broken.push({
      path: [...path, 'secretIn'],
      message: 'a user outside the clusters has no namespace',
      remedy: 'remove it; `leafspan certs export` writes its certificate to files',
    });
  return broken;
}

/** The broker is told of a subscription as a whole or not at all: one that only in part may cross would never get a message. */
function halfCrossing(file: TopologyFile, account: Account, user: AccountUser, path: Path): BrokenRule[] {
  const [first] = file.leaves;
  const leaves = file.leaves.filter(({ name }) => user.at.includes(name));
  if (user.at.includes('each-leaf') && first !== undefined) leaves.push(first);
  return user.subscribe.flatMap((subject, index) =>
    leaves
      .filter(({ name }) => {
        const allowed = account.subjects.map((pattern) => forCluster(pattern, name));
        const wanted = forCluster(subject, name);
        return allowed.some((one) => overlaps(one, wanted)) && !allowed.some((one) => covers(one, wanted));
      })
      .slice(0, 1)
      .map(({ name }) => ({
        path: [...path, 'subscribe', index],
        message: `only a part of "${forCluster(subject, name)}" may cross the link of ${name}`,
        remedy: 'narrow it to one of the subjects of the account, or add it there',
      })),
  );
}

function exportRules(accounts: readonly Account[], { name, exports }: Account, path: Path): BrokenRule[] {
  return exports.flatMap(({ stream, service, to }, index) => {
    const at: Path = [...path, 'exports', index];
    const broken: BrokenRule[] = [];
    if ((stream === undefined) === (service === undefined))
      broken.push({ path: at, message: 'names a stream and a service, or neither', remedy: 'write one of the two' });
    if ([stream, service].some((subject) => subject?.includes('{cluster}') === true))
      broken.push({
        path: at,
        message: 'accounts export at the broker, where {cluster} has no meaning',
        remedy: 'write * instead',
      });
    to.forEach((target, place) => {
      if (target === name)
        broken.push({ path: [...at, 'to', place], message: 'is the account itself', remedy: 'name another account' });
      else if (!accounts.some((account) => account.name === target))
        broken.push({
          path: [...at, 'to', place],
          message: `"${target}" is not one of nats.accounts`,
          remedy: 'name one of them',
        });
    });
    return broken;
  });
}

/** NATS refuses a configuration in which a message would come back to the account that it left. */
function cycles(accounts: readonly Account[]): BrokenRule[] {
  return accounts.flatMap(({ name, exports }, index) =>
    exports.flatMap(({ stream, to }, at) =>
      stream !== undefined && to.some((target) => comesBack(accounts, { from: target, home: name, stream }, new Set()))
        ? [
            {
              path: ['nats', 'accounts', index, 'exports', at],
              message: `messages on "${stream}" come back to ${name} through the exports of others`,
              remedy: 'remove one of the exports of the circle',
            },
          ]
        : [],
    ),
  );
}

interface Trail {
  from: string;
  home: string;
  stream: string;
}

function comesBack(accounts: readonly Account[], { from, home, stream }: Trail, seen: Set<string>): boolean {
  if (from === home) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  const { exports = [] } = accounts.find(({ name }) => name === from) ?? {};
  return exports.some(
    (one) =>
      one.stream !== undefined &&
      overlaps(one.stream, stream) &&
      one.to.some((target) => comesBack(accounts, { from: target, home, stream }, seen)),
  );
}
