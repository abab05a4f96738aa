import { expect, test } from '@jest/globals';
import type { V1StatefulSet } from '@kubernetes/client-node';
import { brokerObjects } from '../../../src/domain/nats/broker.js';
import { brokerMemoryMiB, goMemoryLimit } from '../../../src/domain/nats/memory.js';
import { madeUp, sha256 } from '../../support/material.js';

test.each([
  [1, 256],
  [50, 256],
  [51, 512],
  [306, 512],
  [307, 1_024],
  [818, 1_024],
  [1_000, 2_048],
])('a broker of %i leaf nodes gets %i MiB', (leaves, memory) => {
  expect(brokerMemoryMiB(leaves)).toBe(memory);
});

test('the collector of Go works harder before the limit is reached', () => {
  expect(goMemoryLimit(256)).toBe('204MiB');
});

const podOf = (leaves: number): V1StatefulSet | undefined =>
  brokerObjects({
    cluster: 'cluster-a',
    leaves: Array.from({ length: leaves }, (_, index) => `site-${index}`),
    subject: 'test.messages',
    accounts: [],
    namespaces: [],
    image: 'nats:1',
    open: ['client', 'leaf'],
    podCidr: '10.42.0.0/16',
    server: madeUp('broker'),
    sha256,
  }).find(({ kind }) => kind === 'StatefulSet');

test('a leaf that joins leaves the broker’s pod as it is', () => {
  expect(podOf(2)).toEqual(podOf(1));
  expect(podOf(900)).toEqual(podOf(899));
});

test('another amount of memory is another pod', () => {
  expect(podOf(51)).not.toEqual(podOf(50));
});
