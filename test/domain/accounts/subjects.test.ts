import { expect, test } from '@jest/globals';
import { covers, exampleOf, meet, overlaps } from '../../../src/domain/accounts/subjects.js';

test.each<[wide: string, narrow: string, covers: boolean]>([
  ['orders.>', 'orders.a', true],
  ['orders.>', 'orders.a.b', true],
  ['orders.>', 'orders.*', true],
  ['orders.>', 'orders.>', true],
  ['orders.>', 'orders', false],
  ['orders.*', 'orders.a', true],
  ['orders.*', 'orders.a.b', false],
  ['orders.*', 'orders.>', false],
  ['orders.a', 'orders.*', false],
  ['orders.a', 'orders.a', true],
  ['orders.a', 'orders.b', false],
  ['>', 'a.b.c', true],
])('%s covers %s: %s', (wide, narrow, expected) => {
  expect(covers(wide, narrow)).toBe(expected);
});

test.each<[one: string, other: string, shared: string | undefined]>([
  ['orders.*.done', 'orders.b.>', 'orders.b.done'],
  ['orders.b.>', 'orders.*.done', 'orders.b.done'],
  ['orders.>', 'orders.*.x', 'orders.*.x'],
  ['orders.*', 'orders.>', 'orders.*'],
  ['>', 'a.b', 'a.b'],
  ['a.>', 'a.>', 'a.>'],
  ['a.*', 'a.*', 'a.*'],
  ['a.b', 'a.b', 'a.b'],
  ['a.*', 'a', undefined],
  ['a.>', 'a', undefined],
  ['a.b', 'a.c', undefined],
  ['a.*.c', 'a.b', undefined],
])('%s and %s share %s', (one, other, shared) => {
  expect(overlaps(one, other)).toBe(shared !== undefined);
  expect(shared === undefined ? undefined : meet(one, other)).toBe(shared);
});

test.each([
  ['orders.cluster-b.>', 'orders.cluster-b.token'],
  ['a.*.c.*', 'a.token.c.token'],
  ['fixed.subject', 'fixed.subject'],
])('a message on %s is tried as %s', (pattern, subject) => {
  expect(exampleOf(pattern, 'token')).toBe(subject);
  expect(covers(pattern, subject)).toBe(true);
});
