import type { Step } from '../../../contract/plan.js';
import { domainOf, mirrorPrefix } from '../../accounts/permissions.js';
import type { ConsumerAt, StreamAt } from '../../accounts/streams.js';
import { counted } from '../../checks/counted.js';

/** A stream as leafspan asks a NATS server for it: limits, one replica, kept in files. */
export interface StreamSpec {
  name: string;
  subjects: readonly string[];
  maxBytes: number;
  /** 0: no limit. */
  maxAgeSeconds: number;
  discard: 'old' | 'new';
  mirror?: MirrorSpec;
  /** NATS keeps them with the stream. Those of leafspan say whose it is. */
  metadata: Readonly<Record<string, string>>;
}

/** Of another server's stream: its name, the prefix of that server's API, and where messages arrive. */
export interface MirrorSpec {
  name: string;
  api: string;
  deliver: string;
}

/** A stream as a NATS server has it. */
export interface StreamSeen extends StreamSpec {
  messages: number;
  /** Sequence number of its last message; a mirror has those of its source. */
  lastSequence: number;
  /** Names of its durable consumers that leafspan made. */
  consumers: readonly string[];
  /** Of a mirror: milliseconds since it last heard of its source; undefined: never. */
  heardMs?: number | undefined;
}

/** Whose stream or consumer it is. */
export const TOPOLOGY_MARK = 'leafspan.io/topology';
/** On the broker's copy of a leaf cluster's stream: the name of the cluster. */
export const LEAF_MARK = 'leafspan.io/cluster';

/** @param topology its name */
export function streamSpec(topology: string, stream: StreamAt): StreamSpec {
  const { name, of, subjects, mirrorOf, maxBytes, maxAgeSeconds = 0, discard } = stream;
  const spec = { name, subjects, maxBytes, maxAgeSeconds, discard };
  if (mirrorOf === undefined) return { ...spec, metadata: { [TOPOLOGY_MARK]: topology } };
  const api = `$JS.${domainOf({ name: mirrorOf, role: 'leaf' })}.API`;
  return {
    ...spec,
    mirror: { name: of, api, deliver: mirrorPrefix(mirrorOf) },
    metadata: { [TOPOLOGY_MARK]: topology, [LEAF_MARK]: mirrorOf },
  };
}

/** What one account is to keep at one server, beside what is there. */
export interface Keeping {
  account: string;
  topology: string;
  wanted: readonly StreamSpec[];
  consumers: readonly ConsumerAt[];
  seen: readonly StreamSeen[];
  /** Whether a stream that is not wanted is one that this look may take out. */
  isMine: (stream: StreamSeen) => boolean;
  /** The user said that streams may go with their messages. */
  deleteData: boolean;
}

export const streamObject = (account: string, stream: string): string => `stream ${stream} of account ${account}`;
export const consumerObject = ({ account, stream, name }: ConsumerAt): string =>
  `consumer ${name} of ${streamObject(account, stream)}`;

const isOurs = ({ metadata }: StreamSeen, topology: string): boolean => metadata[TOPOLOGY_MARK] === topology;

/** Streams of ours that the topology no longer has. Those with messages stay until the user says that they may go. */
export const leftOver = ({ seen, wanted, topology, isMine }: Keeping): StreamSeen[] => {
  const names = new Set(wanted.map(({ name }) => name));
  return seen.filter((stream) => isOurs(stream, topology) && isMine(stream) && !names.has(stream.name));
};

/** Streams that stand in the way of a wanted one: someone else's, or of a kind that NATS does not turn into the other. */
export const conflicting = ({ wanted, seen, topology }: Keeping): StreamSeen[] =>
  seen.filter((stream) => {
    const want = wanted.find(({ name }) => name === stream.name);
    return want !== undefined && (!isOurs(stream, topology) || mirrorText(want) !== mirrorText(stream));
  });

const mirrorText = ({ mirror }: StreamSpec): string =>
  mirror === undefined ? '' : [mirror.name, mirror.api, mirror.deliver].join(' ');

export function decideStreams(keeping: Keeping): Step[] {
  const { account, wanted, seen, consumers, deleteData } = keeping;
  const seenNamed = (name: string): StreamSeen | undefined => seen.find((stream) => stream.name === name);
  return [
    ...leftOver(keeping)
      .filter(({ messages }) => messages === 0 || deleteData)
      .map(({ name, messages }): Step => ({
        verb: 'delete',
        object: streamObject(account, name),
        because: `the topology does not have it, and it holds ${messages === 0 ? 'no messages' : counted(messages, 'message')}`,
      })),
    ...wanted.flatMap((spec): Step[] => {
      const object = streamObject(account, spec.name);
      const live = seenNamed(spec.name);
      if (live === undefined) return [{ verb: 'create', object, because: 'it is not there' }];
      const diff = differences(live, spec);
      return diff.length === 0 ? [] : [{ verb: 'change', object, because: 'it differs from the topology', diff }];
    }),
    ...consumers
      .filter(({ stream, name }) => seenNamed(stream)?.consumers.includes(name) !== true)
      .map((consumer): Step => ({ verb: 'create', object: consumerObject(consumer), because: 'it is not there' })),
    ...formerConsumers(keeping).map((consumer): Step => ({
      verb: 'delete',
      object: consumerObject(consumer),
      because: 'the topology does not have it',
    })),
  ];
}

/** Consumers of ours, of streams that stay, whose users no longer read them. */
export const formerConsumers = ({ account, wanted, seen, consumers }: Keeping): ConsumerAt[] =>
  seen
    .filter(({ name }) => wanted.some((spec) => spec.name === name))
    .flatMap((stream) =>
      stream.consumers
        .filter((name) => !consumers.some((one) => one.stream === stream.name && one.name === name))
        .map((name) => ({ account, stream: stream.name, name })),
    );

const FIELDS = ['subjects', 'maxBytes', 'maxAgeSeconds', 'discard'] as const;

function differences(live: StreamSpec, wanted: StreamSpec): string[] {
  const text = (spec: StreamSpec, field: (typeof FIELDS)[number]): string => [spec[field]].flat().join(', ');
  return FIELDS.filter((field) => text(live, field) !== text(wanted, field)).map(
    (field) => `${field}: ${text(live, field)} → ${text(wanted, field)}`,
  );
}
