import { expect, test } from '@jest/globals';
import { hubScope } from '../../../src/contract/topology/scope.js';
import { renewBeforeDays } from '../../../src/domain/pki/renewal.js';
import { firstLeaf } from '../../support/parts/site.js';
import { twoClusters } from '../../support/topologies.js';

const { settings, cluster } = firstLeaf();
const named = (name: string, topology = 'plant-7') => ({
  settings: { ...settings, name: topology },
  cluster: { ...cluster, name },
});
const daysOf = (name: string): number => renewBeforeDays(named(name));

test.each([
  ['site-', 3],
  ['cluster-', 0],
  ['plant-berlin-', 4],
])('1,000 leaves named %s… are renewed over 30 days, none in the last 60', (prefix, digits) => {
  const days = Array.from({ length: 1_000 }, (_, index) => daysOf(prefix + String(index).padStart(digits, '0')));
  const counts = [...new Set(days)].map((one) => days.filter((day) => day === one).length);
  expect([Math.min(...days), Math.max(...days), counts.length]).toEqual([60, 89, 30]);
  expect(Math.max(...counts)).toBeLessThan(60); // 33 on average
});

test('the day of a leaf is always the same, and another one in another topology', () => {
  expect(daysOf('cluster-b')).toBe(daysOf('cluster-b'));
  const inOthers = ['a', 'b', 'c', 'd'].map((topology) => renewBeforeDays(named('cluster-b', topology)));
  expect(new Set(inOthers).size).toBeGreaterThan(1);
});

test('the hub is renewed before every leaf, since leaves have copies of what is its own', () => {
  expect(renewBeforeDays(hubScope(twoClusters()))).toBe(90);
});

test('a person may name another number of days, which holds for every cluster', () => {
  const wanted = { ...settings, renewal: { withinDays: 200 } };
  expect(renewBeforeDays({ settings: wanted, cluster })).toBe(200);
});
