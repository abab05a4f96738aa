import { natsUser } from '../../../../src/domain/nats/names.js';
import type { NatsConnection } from '../../../../src/parts/ports.js';
import type { HostModel } from '../hosts/host-model.js';
import { unmodelled } from '../unmodelled.js';
import type { World } from '../world.js';
import { linkOf } from './links.js';

interface Listener {
  at: HostModel;
  matches: (text: string) => boolean;
  heard: (text: string) => void;
}

/** Users of the product's configurations that may send. */
const SENDERS = ['probe', 'publisher', 'sys'].map(natsUser);

/** Carries messages between the servers whose links are up. */
export class Bus {
  readonly #world: World;
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor(world: World) {
    this.#world = world;
  }

  connect(at: HostModel, user: string): NatsConnection {
    const violations: string[] = [];
    return {
      waitFor: (subject, matches, timeoutMs) => this.#listen(subject, at, matches, timeoutMs),
      publish: (subject, text) => {
        if (!SENDERS.includes(user)) violations.push(`publish ${subject}`);
        else if (user === natsUser('sys')) unmodelled(`a request to the system account: ${subject}`);
        else this.#send(at, subject, text);
      },
      listen: (subject) => unmodelled(`a rule of an account on trial: ${subject}`),
      probe: (subject) => unmodelled(`a rule of an account on trial: ${subject}`),
      request: (subject) => unmodelled(`a request on ${subject}`),
      streams: () => unmodelled('streams'),
      flush: () => new Promise((resolve) => setTimeout(resolve, at.times.network('message'))),
      violations: () => [...violations],
      close: () => Promise.resolve(),
    };
  }

  #listen(
    subject: string,
    at: HostModel,
    matches: (text: string) => boolean,
    timeoutMs: number,
  ): Promise<string | undefined> {
    return new Promise((resolve) => {
      const all = this.#listeners.get(subject) ?? new Set<Listener>();
      this.#listeners.set(subject, all);
      const end = (text?: string): void => {
        clearTimeout(timer);
        all.delete(listener);
        if (all.size === 0) this.#listeners.delete(subject);
        resolve(text);
      };
      const listener: Listener = { at, matches, heard: end };
      const timer = setTimeout(end, timeoutMs);
      all.add(listener);
    });
  }

  #send(from: HostModel, subject: string, text: string): void {
    for (const { at, matches, heard } of this.#listeners.get(subject) ?? []) {
      if (!matches(text) || !this.#reaches(from, at)) continue;
      setTimeout(() => heard(text), from.times.network('message'));
    }
  }

  #reaches(from: HostModel, to: HostModel): boolean {
    const [hub, other] = [linkOf(this.#world, from)?.hub ?? from, linkOf(this.#world, to)?.hub ?? to];
    return hub === other;
  }
}
