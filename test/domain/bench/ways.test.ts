import { expect, test } from '@jest/globals';
import { waysOf } from '../../../src/domain/bench/ways.js';

const between = { hub: 'cluster-a', leaf: 'cluster-b', from: 'cluster-b', mode: 'mesh', edge: 'nodePort' } as const;
const titles = (change: object): string[] => waysOf({ ...between, ...change }).map(({ title }) => title);

test('both directions are measured, the wanted one first, after the way inside each cluster', () => {
  expect(titles({})).toEqual([
    'inside cluster-a',
    'inside cluster-b',
    'cluster-b → cluster-a',
    'cluster-a → cluster-b',
    'cluster-b → cluster-a, without mesh and leaf node',
    'cluster-a → cluster-b, without mesh and leaf node',
  ]);
  expect(titles({ from: 'cluster-a', mode: 'direct' }).slice(2)).toEqual([
    'cluster-a → cluster-b',
    'cluster-b → cluster-a',
    'cluster-a → cluster-b, without leaf node',
    'cluster-b → cluster-a, without leaf node',
  ]);
});

test('an edge of NGINX is named', () => {
  expect(titles({ edge: 'nginx' }).slice(4)).toEqual([
    'cluster-b → cluster-a, through NGINX',
    'cluster-a → cluster-b, through NGINX',
  ]);
});

test('clients run in both clusters on every way between them, and connect to the broker alone on the straight one', () => {
  const ways = waysOf(between).map(({ asks, answers }) =>
    [asks, answers].map(({ host, server, by }) => `${host}: ${server} by ${by}`),
  );
  expect(ways.slice(2)).toEqual([
    ['cluster-b: cluster-b by service', 'cluster-a: cluster-a by service'],
    ['cluster-a: cluster-a by service', 'cluster-b: cluster-b by service'],
    ['cluster-b: cluster-a by port', 'cluster-a: cluster-a by service'],
    ['cluster-a: cluster-a by service', 'cluster-b: cluster-a by port'],
  ]);
});
