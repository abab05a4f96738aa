import { keyOf, type Check } from '../../src/domain/checks/check.js';
import { checksOf } from '../../src/domain/checks/list.js';
import type { CheckWorld } from '../../src/domain/checks/world.js';
import type { Topology } from '../../src/contract/topology.js';

/** The checks of a topology by key (`id@subject`), with what they say in one line. */
export class Checks {
  readonly all: Check[];

  constructor(topology: Topology) {
    this.all = checksOf(topology);
  }

  /** `state: because or note | saw` */
  judge(key: string, facts: unknown): string {
    const verdict = this.#named(key).judge(facts);
    if (verdict.state === 'pass') return verdict.note === undefined ? 'pass' : `pass: ${verdict.note}`;
    const saw = verdict.state === 'fail' ? verdict.saw : undefined;
    return `${verdict.state}: ${[verdict.because, saw].filter((text) => text !== undefined).join(' | ')}`;
  }

  /** Every question that the world is not given an answer to fails the probe. */
  probe(key: string, world: Partial<CheckWorld>): Promise<unknown> {
    return this.#named(key).probe(world as CheckWorld);
  }

  #named(key: string): Check {
    const found = this.all.find((check) => keyOf(check) === key);
    if (found === undefined) throw new Error(`no check ${key}`);
    return found;
  }
}
