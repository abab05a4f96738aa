import { expect, test } from '@jest/globals';
import { bench, type Measured, type Outcome } from '../../src/bench/bench.js';
import { DEFAULT_STORES } from '../../src/contract/topology/stores.js';
import type { Topology } from '../../src/contract/topology/topology.js';
import { fakePorts } from '../support/fakes/ports.js';
import { twoClusters } from '../support/topologies.js';

const NOWHERE: AbortSignal = new AbortController().signal;

async function measured(
  topology: Topology,
  change: { limitMs?: number; signal?: AbortSignal } = {},
): Promise<Measured[]> {
  const { limitMs = 60_000, signal = NOWHERE } = change;
  const [leaf = topology.broker] = topology.leaves;
  const work = { signal, heartbeat: () => undefined };
  return bench(fakePorts(), topology, { leaf, from: leaf.name, work, limitMs, quick: true });
}

const reasonOf = (outcome: Outcome): string =>
  'figures' in outcome ? 'measured' : 'leftOut' in outcome ? outcome.leftOut : `failed: ${outcome.failed}`;
const reasons = (all: readonly Measured[]): string[] =>
  all.map(({ system, way, outcome }) => `${system}, ${way.kind}: ${reasonOf(outcome)}`);

const MISSING = 'failed: topology "plant-7" has no nats/clients/probe';

test('a way that cannot be measured says why, and the others are tried all the same', async () => {
  expect(reasons(await measured(twoClusters()))).toEqual([
    ...['inside', 'inside', 'linked', 'linked', 'straight', 'straight'].map((kind) => `core NATS, ${kind}: ${MISSING}`),
    ...['inside', 'inside', 'linked', 'linked', 'straight', 'straight'].map(
      (kind) => `JetStream, ${kind}: the topology keeps no streams`,
    ),
  ]);
});

test('without a port for others there is no way past the link, and a leaf node never has one', async () => {
  const { nats, ...topology } = twoClusters();
  const closed = await measured({ ...topology, nats: { ...nats, edge: 'none', jetstream: DEFAULT_STORES } });
  expect(reasons(closed).filter((reason) => reason.includes('straight'))).toEqual([
    ...['core NATS', 'core NATS', 'JetStream', 'JetStream'].map(
      (system) => `${system}, straight: nats.edge is none, so no other host gets in at the broker`,
    ),
  ]);
  const open = await measured({ ...topology, nats: { ...nats, jetstream: DEFAULT_STORES } });
  expect(reasons(open).at(-1)).toBe(
    'JetStream, straight: a leaf node, which would keep the stream, has no port for other hosts',
  );
});

test('no way is begun when the time is up, nor after Ctrl-C', async () => {
  const late = await measured(twoClusters(), { limitMs: -1 });
  expect(late.filter(({ outcome }) => 'failed' in outcome)).toEqual([]);
  await expect(measured(twoClusters(), { signal: AbortSignal.abort(new Error('interrupted')) })).rejects.toThrow(
    'interrupted',
  );
});
