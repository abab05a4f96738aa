import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  nanos,
  type JetStreamManager,
  type NatsConnection as Client,
  type StreamConfig,
  type StreamInfo,
} from 'nats';
import type { StreamSeen, StreamSpec } from '../../domain/nats/streams/streams.js';
import type { StreamStore } from '../../parts/ports.js';

const MARK = 'leafspan.io/';
/** Of NATS; it must not be longer than messages are kept. */
const DUPLICATES_SECONDS = 120;
const REQUEST_MS = 5_000;

/** JetStream of the account that the client belongs to. */
export async function openStreamStore(client: Client): Promise<StreamStore> {
  return new ClientStreamStore(await client.jetstreamManager({ checkAPI: false, timeout: REQUEST_MS }));
}

class ClientStreamStore implements StreamStore {
  readonly #manager: JetStreamManager;

  constructor(manager: JetStreamManager) {
    this.#manager = manager;
  }

  async streams(concerns: (name: string) => boolean = () => true): Promise<StreamSeen[]> {
    const names: string[] = [];
    for await (const name of this.#manager.streams.names()) if (concerns(name)) names.push(name);
    return Promise.all(
      names.map(async (name) => {
        const [info, consumers] = await Promise.all([this.#manager.streams.info(name), this.#consumers(name)]);
        return seen(info, consumers);
      }),
    );
  }

  async create(spec: StreamSpec): Promise<void> {
    await this.#manager.streams.add(configOf(spec));
  }

  async update(spec: StreamSpec): Promise<void> {
    await this.#manager.streams.update(spec.name, configOf(spec));
  }

  async remove(stream: string): Promise<void> {
    await this.#manager.streams.delete(stream);
  }

  async purge(stream: string, subject: string): Promise<void> {
    await this.#manager.streams.purge(stream, { filter: subject });
  }

  async createConsumer(stream: string, name: string, topology: string): Promise<void> {
    await this.#manager.consumers.add(stream, {
      durable_name: name,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      metadata: { [`${MARK}topology`]: topology },
    });
  }

  async removeConsumer(stream: string, name: string): Promise<void> {
    await this.#manager.consumers.delete(stream, name);
  }

  async #consumers(stream: string): Promise<string[]> {
    const names: string[] = [];
    for await (const { name, config } of this.#manager.consumers.list(stream))
      if (Object.keys(config.metadata ?? {}).some((key) => key.startsWith(MARK))) names.push(name);
    return names;
  }
}

function configOf(spec: StreamSpec): Partial<StreamConfig> {
  const { name, subjects, maxBytes, maxAgeSeconds, discard, mirror, metadata } = spec;
  const window = maxAgeSeconds === 0 ? DUPLICATES_SECONDS : Math.min(DUPLICATES_SECONDS, maxAgeSeconds);
  return {
    name,
    ...(mirror === undefined
      ? { subjects: [...subjects], duplicate_window: nanos(window * 1_000) }
      : { mirror: { name: mirror.name, external: { api: mirror.api, deliver: mirror.deliver } } }),
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    num_replicas: 1,
    max_bytes: maxBytes,
    max_age: nanos(maxAgeSeconds * 1_000),
    discard: discard === 'old' ? DiscardPolicy.Old : DiscardPolicy.New,
    metadata: { ...metadata },
  };
}

function seen({ config, state, mirror }: StreamInfo, consumers: string[]): StreamSeen {
  const source = config.mirror;
  return {
    name: config.name,
    subjects: config.mirror === undefined ? config.subjects : [],
    maxBytes: config.max_bytes,
    maxAgeSeconds: config.max_age / 1e9,
    discard: config.discard === DiscardPolicy.New ? 'new' : 'old',
    ...(source === undefined
      ? {}
      : {
          mirror: { name: source.name, api: source.external?.api ?? '', deliver: source.external?.deliver ?? '' },
          heardMs: mirror === undefined || mirror.active < 0 ? undefined : mirror.active / 1e6,
        }),
    metadata: config.metadata ?? {},
    messages: state.messages,
    lastSequence: state.last_seq,
    consumers,
  };
}
