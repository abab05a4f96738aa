/** How fast the modelled world is. */
export interface Pace {
  /** Factor on what hosts and clusters do by themselves, such as starting K3s or a pod. */
  scale: number;
  /** Factor on what the network takes; 1 by default. */
  network?: number;
  /** Bytes per second that the worker can send to all hosts together. */
  bytesPerSecond: number;
}

interface Range {
  least: number;
  most: number;
}

/** In milliseconds. */
const TIMES = {
  login: { least: 120, most: 180 },
  script: { least: 20, most: 60 },
  call: { least: 5, most: 15 },
  k3sStart: { least: 4_000, most: 9_000 },
  nodeReady: { least: 800, most: 1_600 },
  podStart: { least: 900, most: 2_200 },
  link: { least: 200, most: 900 },
  render: { least: 200, most: 600 },
  linkerdCheck: { least: 1_500, most: 4_500 },
  message: { least: 1, most: 4 },
} as const satisfies Record<string, Range>;

/** What hosts and clusters do by themselves. */
export type Work = 'k3sStart' | 'nodeReady' | 'podStart' | 'link' | 'render' | 'linkerdCheck';

/** Times drawn from a seed: the same fleet is as fast in every run. */
export class Times {
  readonly #pace: Pace;
  #state: number;

  constructor(pace: Pace, seed: string) {
    this.#pace = pace;
    this.#state = hashOf(seed);
  }

  network(what: 'login' | 'script' | 'call' | 'message'): number {
    return this.#draw(TIMES[what]) * (this.#pace.network ?? 1);
  }

  /** Of a host or a cluster. */
  work(what: Work): number {
    return this.#draw(TIMES[what]) * this.#pace.scale;
  }

  #draw({ least, most }: Range): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return least + ((most - least) * this.#state) / 2 ** 32;
  }
}

/** FNV-1a. */
export const hashOf = (text: string): number =>
  Buffer.from(text).reduce((hash, byte) => Math.imul(hash ^ byte, 16_777_619) >>> 0, 2_166_136_261);
