import type { TopologyFile } from '../../contract/topology/topology-schema.js';
import type { Account, AccountUser, Stream } from '../../contract/topology/topology.js';
import { OUTSIDE, type Place } from '../accounts/accounts.js';
import { bytesOf, isKeptAt, mirrorName, placesOf } from '../accounts/streams.js';
import { forCluster, overlaps } from '../accounts/subjects.js';
import { DEFAULT_STORES } from '../../contract/topology/stores.js';
import type { BrokenRule } from './broken-rule.js';
import { closest } from './closest.js';

type Path = BrokenRule['path'];

const clustersOf = ({ broker, leaves }: TopologyFile): Place[] => [
  { name: broker.name, role: 'broker' },
  ...leaves.map(({ name }): Place => ({ name, role: 'leaf' })),
];

/** Every rule about streams that spans several fields. */
export function streamRules(file: TopologyFile): BrokenRule[] {
  const { accounts = [] } = file.nats;
  return [
    ...accounts.flatMap((account, index) => {
      const path: Path = ['nats', 'accounts', index];
      const { streams = [] } = account;
      return [
        ...streams.flatMap((stream, at) => [
          ...ofStream(file, stream, [...path, 'streams', at]),
          ...keepsNothing(accounts, account, stream, [...path, 'streams', at]),
        ]),
        ...sameNames(streams, path),
        ...overlapping(file, streams, path),
        ...account.users.flatMap((user, at) => readers(file, account, user, [...path, 'users', at])),
      ];
    }),
    ...tooLarge(file),
  ];
}

function ofStream(file: TopologyFile, stream: Stream, path: Path): BrokenRule[] {
  const isAtBroker = isKeptAt(stream, { name: file.broker.name, role: 'broker' });
  const broken: BrokenRule[] = unknownPlaces(file, stream, path);
  if (isAtBroker && stream.subjects.some((subject) => subject.includes('{cluster}')))
    broken.push({
      path: [...path, 'subjects'],
      message: '{cluster} has no meaning for a stream at the broker',
      remedy: 'write * instead, or another stream for the leaf clusters',
    });
  if (isAtBroker && stream.mirrorTo !== undefined)
    broken.push({
      path: [...path, 'mirrorTo'],
      message: 'the stream is at the broker itself',
      remedy: 'leave mirrorTo out, or keep the stream at leaf clusters',
    });
  return broken;
}

function unknownPlaces({ broker, leaves }: TopologyFile, stream: Stream, path: Path): BrokenRule[] {
  const known = ['broker', 'each-leaf', broker.name, ...leaves.map(({ name }) => name)];
  return placesOf(stream)
    .filter((place) => !known.includes(place))
    .map((place) => {
      const near = closest(place, known);
      const remedy = near === undefined ? 'write broker, each-leaf, or the name of a cluster' : `did you mean ${near}?`;
      return { path: [...path, 'at'], message: `"${place}" is not a place where streams are kept`, remedy };
    });
}

/** A subject of a stream on which nothing can come: no user may publish there, and no other account sends it. */
function keepsNothing(accounts: readonly Account[], account: Account, stream: Stream, path: Path): BrokenRule[] {
  const anywhere = (subject: string): string => forCluster(subject, '*');
  const sent = [
    ...account.users.flatMap(({ publish }) => publish),
    ...account.exports.flatMap(({ service }) => service ?? []),
    ...accounts
      .flatMap((other) => other.exports)
      .filter(({ to }) => to.includes(account.name))
      .flatMap(({ stream: subject }) => subject ?? []),
  ].map(anywhere);
  return stream.subjects.flatMap((subject, index): BrokenRule[] =>
    sent.some((one) => overlaps(one, anywhere(subject)))
      ? []
      : [
          {
            path: [...path, 'subjects', index],
            message: `no user of ${account.name} may publish on "${subject}", so nothing would be kept`,
            remedy: 'correct the subject, or let a user publish on it',
          },
        ],
  );
}

/** NATS has one name for a stream of an account, and the broker's copies have names too. */
function sameNames(streams: readonly Stream[], path: Path): BrokenRule[] {
  return streams.flatMap(({ name }, at) => {
    const earlier = streams.findIndex((stream) => stream.name === name);
    return earlier === at
      ? []
      : [
          {
            path: [...path, 'streams', at, 'name'],
            message: `"${name}" is also the name of streams[${earlier}]`,
            remedy: 'give it another name',
          },
        ];
  });
}

/** NATS refuses two streams of an account that keep the same subject at one server. */
function overlapping(file: TopologyFile, streams: readonly Stream[], path: Path): BrokenRule[] {
  return streams.flatMap((stream, at) =>
    streams.slice(0, at).flatMap((earlier, index): BrokenRule[] => {
      const shared = clustersOf(file).find(
        (place) =>
          isKeptAt(stream, place) &&
          isKeptAt(earlier, place) &&
          stream.subjects.some((one) =>
            earlier.subjects.some((other) => overlaps(forCluster(one, place.name), forCluster(other, place.name))),
          ),
      );
      return shared === undefined
        ? []
        : [
            {
              path: [...path, 'streams', at, 'subjects'],
              message: `overlaps the subjects of streams[${index}] in ${shared.name}`,
              remedy: 'keep each subject in one stream of a cluster',
            },
          ];
    }),
  );
}

/** A user reads streams of the NATS server that it connects to: its own, or at the broker also copies. */
function readers(file: TopologyFile, account: Account, user: AccountUser, path: Path): BrokenRule[] {
  return (user.consume ?? []).flatMap((name, index): BrokenRule[] => {
    const at: Path = [...path, 'consume', index];
    const stream = (account.streams ?? []).find((one) => one.name === name);
    if (stream === undefined)
      return [{ path: at, message: `"${name}" is not a stream of ${account.name}`, remedy: 'name one of its streams' }];
    const without = user.at.filter((place) => !isReadAt(file, stream, place));
    return without.length === 0
      ? []
      : [
          {
            path: at,
            message: `${name} is not kept at ${without.join(', ')}, where ${user.name} connects`,
            remedy: 'keep the stream there, mirror it to the broker, or write another user for the other place',
          },
        ];
  });
}

function isReadAt(file: TopologyFile, stream: Stream, place: string): boolean {
  if (place === OUTSIDE || place === 'broker' || place === file.broker.name)
    return stream.mirrorTo === 'broker' || isKeptAt(stream, { name: file.broker.name, role: 'broker' });
  return place === 'each-leaf' ? placesOf(stream).includes(place) : isKeptAt(stream, { name: place, role: 'leaf' });
}

const gib = (bytes: number): string => `${Math.ceil(bytes / 2 ** 30)}Gi`;

/** What streams may hold together, they must have room for. */
function tooLarge(file: TopologyFile): BrokenRule[] {
  const { broker: hub, leaf } = file.nats.jetstream ?? DEFAULT_STORES;
  const streams = (file.nats.accounts ?? []).flatMap((account) => account.streams ?? []);
  return clustersOf(file)
    .map(({ name, role }) => {
      const kept = streams.filter((stream) => isKeptAt(stream, { name, role }));
      const copies = role === 'leaf' ? [] : streams.flatMap((stream) => copiesOf(file, stream).map(() => stream));
      const needs = [...kept, ...copies].reduce((sum, { maxBytes }) => sum + bytesOf(maxBytes), 0);
      return { name, role, needs, has: bytesOf((role === 'broker' ? hub : leaf).maxFile) };
    })
    .filter(({ needs, has }) => needs > has)
    .slice(0, 1)
    .map(({ name, role, needs, has }) => ({
      path: ['nats', 'jetstream', role, 'maxFile'],
      message: `the streams of ${name} may hold ${gib(needs)}, and it has room for ${gib(has)}`,
      remedy: `lower maxBytes of streams, or set nats.jetstream.${role}.maxFile to ${gib(needs)}`,
    }));
}

const copiesOf = ({ leaves }: TopologyFile, stream: Stream): string[] =>
  stream.mirrorTo === undefined
    ? []
    : leaves
        .filter(({ name }) => isKeptAt(stream, { name, role: 'leaf' }))
        .map(({ name }) => mirrorName(stream.name, name));
