import { expect, test } from '@jest/globals';
import { covers, networkOf, overlap, rangeOf } from '../../src/contract/topology/ipv4-range.js';

test.each(['300.1.1.1/16', '10.0.0/8', '10.0.0.0/33', '10.0.0.0/x', 'edge.example.net', ''])(
  '%p is no range',
  (text) => {
    expect(rangeOf(text)).toBeUndefined();
  },
);

test('a range begins at its network, whatever its host bits are', () => {
  expect(rangeOf('10.42.7.9/16')).toEqual(rangeOf('10.42.0.0/16'));
  expect(networkOf('10.42.7.9/16')).toBe('10.42.0.0/16');
  expect(networkOf('200.255.7.9/12')).toBe('200.240.0.0/12');
});

test.each<[one: string, other: string, common: boolean]>([
  ['10.42.0.0/16', '10.42.9.0/24', true],
  ['10.42.9.1', '10.42.0.0/16', true],
  ['10.42.0.0/16', '10.43.0.0/16', false],
  ['0.0.0.0/0', '255.255.255.255', true],
  ['10.42.0.0/16', 'edge.example.net', false],
])('%s and %s have an address in common: %p', (one, other, common) => {
  expect(overlap(one, other)).toBe(common);
  expect(overlap(other, one)).toBe(common);
});

test('a range covers a narrower one, and no wider one', () => {
  expect(covers('10.0.0.0/8', '10.42.0.0/16')).toBe(true);
  expect(covers('10.42.0.0/16', '10.0.0.0/8')).toBe(false);
  expect(covers('10.42.0.0/16', '10.42.255.255')).toBe(true);
});
