import { expect, test } from '@jest/globals';
import type { HostFacts } from '../../../src/domain/hosts/facts.js';
import { planHosts } from '../../../src/domain/plan/plan.js';
import { serverOf } from '../../../src/contract/topology.js';
import { factsOf } from '../../support/host-facts.js';
import { twoClusters } from '../../support/topologies.js';

const topology = twoClusters();
const bare = factsOf(serverOf(topology.broker));
const claim: HostFacts['claim'] = { state: 'held', claim: { topology: 'plant-7', adopted: false }, form: 'old' };
const ours: Partial<HostFacts> = { claim, k3sVersion: 'v1.36.3+k3s1', k3sUnit: 'active' };

test.each<[state: string, seen: Partial<HostFacts>]>([
  ['none', {}],
  ['ours', ours],
  ['partial', { claim }],
  ['partial', { ...ours, k3sUnit: 'failed' }],
])('calls a host %s', (state, seen) => {
  expect(planHosts(topology, [{ ...bare, ...seen }])).toEqual([expect.objectContaining({ host: 'vm-a', state })]);
});
