import type { Account, NatsSettings, Stream } from '../../contract/topology/topology.js';
import { usersServed, type Place, type UserAt } from './accounts.js';
import { covers, forCluster } from './subjects.js';

/** A stream at one place: one that keeps subjects, or the broker's copy of one that a leaf cluster keeps. */
export interface StreamAt {
  account: string;
  /** Name in the NATS server: that of the topology, or for a copy `<name>-<cluster>`. */
  name: string;
  /** Name in the topology. */
  of: string;
  subjects: readonly string[];
  /** The leaf cluster whose stream is copied; undefined: it keeps subjects itself. */
  mirrorOf?: string;
  maxBytes: number;
  /** undefined: no limit. */
  maxAgeSeconds: number | undefined;
  discard: Stream['discard'];
}

/** A durable consumer of a user. */
export interface ConsumerAt {
  account: string;
  stream: string;
  /** Also the name of the user. */
  name: string;
}

const KEPT_AT: Readonly<Record<Place['role'], string>> = { broker: 'broker', leaf: 'each-leaf' };
const UNITS = { m: 60, h: 3_600, d: 86_400, Mi: 2 ** 20, Gi: 2 ** 30 } as const;

function quantity(text: string): number {
  const [, number = '0', unit = ''] = /^(\d+)(\D+)$/.exec(text) ?? [];
  return Number(number) * (unit in UNITS ? UNITS[unit as keyof typeof UNITS] : 1);
}

/** Of a size such as 10Gi. */
export const bytesOf = quantity;

export const placesOf = ({ at }: Stream): string[] => [at].flat();

export const isKeptAt = (stream: Stream, { name, role }: Place): boolean => {
  const places = placesOf(stream);
  return places.includes(name) || places.includes(KEPT_AT[role]);
};

/** Whether NATS servers keep streams. Then each has JetStream and a volume, and each account may use it. */
export const keepsStreams = ({ jetstream, accounts = [] }: Pick<NatsSettings, 'jetstream' | 'accounts'>): boolean =>
  jetstream !== undefined || accounts.some(({ streams = [] }) => streams.length > 0);

/** Whether streams may come: accounts bring no streams at first, and a server gets a volume only at its start. */
export const mayKeepStreams = (nats: Pick<NatsSettings, 'jetstream' | 'accounts'>): boolean =>
  keepsStreams(nats) || (nats.accounts ?? []).length > 0;

const sized = (account: Account, stream: Stream): Omit<StreamAt, 'name' | 'subjects'> => ({
  account: account.name,
  of: stream.name,
  maxBytes: quantity(stream.maxBytes),
  maxAgeSeconds: stream.maxAge === undefined ? undefined : quantity(stream.maxAge),
  discard: stream.discard,
});

/** The streams that keep subjects in a cluster. */
export const streamsIn = (account: Account, place: Place): StreamAt[] =>
  (account.streams ?? [])
    .filter((stream) => isKeptAt(stream, place))
    .map((stream) => ({
      ...sized(account, stream),
      name: stream.name,
      subjects: stream.subjects.map((subject) => forCluster(subject, place.name)),
    }));

/** Name of the broker's copy of a stream. */
export const mirrorName = (stream: string, leaf: string): string => `${stream}-${leaf}`;

/** The leaf cluster that a stream of the broker is a copy for; streams have capitals, and clusters have none. */
export const leafOfMirror = (name: string): string | undefined => /^[A-Z][A-Z0-9_-]*?-([a-z].*)$/.exec(name)?.[1];

/** The broker's copies of the streams of a leaf cluster. */
export const mirrorsOf = (account: Account, leaf: string): StreamAt[] =>
  (account.streams ?? [])
    .filter((stream) => stream.mirrorTo === 'broker' && isKeptAt(stream, { name: leaf, role: 'leaf' }))
    .map((stream) => ({
      ...sized(account, stream),
      name: mirrorName(stream.name, leaf),
      subjects: [],
      mirrorOf: leaf,
    }));

/** Consumers of the streams at a place, for the users that connect there. */
export function consumersOf(account: Account, streams: readonly StreamAt[], users: readonly UserAt[]): ConsumerAt[] {
  return streams.flatMap((stream) =>
    users
      .filter(({ consume }) => consume.includes(stream.of))
      .map((user) => ({ account: account.name, stream: stream.name, name: consumerName(user) })),
  );
}

/** Names of places are no part of it: a user is at one place of a cluster, or outside. */
export const consumerName = ({ name }: Pick<UserAt, 'name'>): string => name;

/** What a cluster keeps of an account: its streams with their consumers. */
export function keptIn(account: Account, place: Place): { streams: StreamAt[]; consumers: ConsumerAt[] } {
  const streams = streamsIn(account, place);
  return { streams, consumers: consumersOf(account, streams, usersServed(account, place)) };
}

/** What the broker keeps for a leaf cluster. */
export function mirroredFor(
  account: Account,
  { hub, leaf }: { hub: string; leaf: string },
): { streams: StreamAt[]; consumers: ConsumerAt[] } {
  const streams = mirrorsOf(account, leaf);
  return { streams, consumers: consumersOf(account, streams, usersServed(account, { name: hub, role: 'broker' })) };
}

/** Whether a stream keeps the messages of a subject, in whatever cluster they were sent. */
export const isKept = (accounts: readonly Account[], subject: string): boolean =>
  accounts.some(({ streams = [] }) =>
    streams.some(({ subjects }) => subjects.some((pattern) => covers(forCluster(pattern, '*'), subject))),
  );
