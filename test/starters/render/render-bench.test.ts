import { expect, test } from '@jest/globals';
import type { Measured } from '../../../src/bench/bench.js';
import { waysOf } from '../../../src/domain/bench/ways.js';
import { benchJson, renderBench } from '../../../src/starters/commands/bench/output.js';
import { PLAIN } from '../../../src/starters/terminal/style.js';

const ways = waysOf({ hub: 'cluster-a', leaf: 'cluster-b', from: 'cluster-b', mode: 'mesh', edge: 'nodePort' });
const figures = { messagesPerSecond: 61_234.4, p50Ms: 0.1234, p99Ms: 0.5, p999Ms: 12.34, requests: 9_000 };
const of = (system: Measured['system'], index: number, outcome: Measured['outcome']): Measured[] =>
  ways.slice(index, index + 1).map((way) => ({ system, way, outcome }));

const MEASURED: Measured[] = [
  ...of('core NATS', 0, { figures }),
  ...of('core NATS', 2, { figures: { ...figures, messagesPerSecond: undefined, requests: 60 } }),
  ...of('core NATS', 4, { failed: 'this host has no nats command' }),
  ...of('JetStream', 0, { leftOut: 'the topology keeps no streams' }),
  ...of('JetStream', 1, { leftOut: 'the topology keeps no streams' }),
];

test('bench prints a table, what its figures mean, and why a way is missing', () => {
  expect(renderBench(MEASURED, PLAIN)).toBe(`           way                    messages/s       p50   p99   p99.9
core NATS  inside cluster-a       61,234           0.12  0.50  12.3
           cluster-b → cluster-a  not all arrived  0.12  0.50  12.3

p50, p99, p99.9: round trips in ms, one request after the other, 128 bytes
messages/s: core NATS without waiting; JetStream acknowledged, 16 at a time, stream in memory
p99.9 of fewer than 1,000 requests is the slowest one
failed: core NATS, cluster-b → cluster-a, without mesh and leaf node: this host has no nats command
left out: JetStream, inside cluster-a; JetStream, inside cluster-b: the topology keeps no streams`);
});

test('bench prints data', () => {
  expect(benchJson('plant-7', MEASURED)).toMatchObject({
    topology: 'plant-7',
    measured: [
      { system: 'core NATS', kind: 'inside', from: 'cluster-a', to: 'cluster-a', ...figures },
      { kind: 'linked', from: 'cluster-b', to: 'cluster-a', requests: 60 },
      { kind: 'straight', failed: 'this host has no nats command' },
      { leftOut: 'the topology keeps no streams' },
      { leftOut: 'the topology keeps no streams' },
    ],
  });
});
