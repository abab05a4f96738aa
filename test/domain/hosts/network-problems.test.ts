import { expect, test } from '@jest/globals';
import { serverOf } from '../../../src/contract/topology/topology.js';
import type { HostFacts } from '../../../src/domain/hosts/facts.js';
import { networkProblems } from '../../../src/domain/hosts/network-problems.js';
import { factsOf } from '../../support/host-facts.js';
import { twoClusters } from '../../support/topologies.js';

const host = serverOf(twoClusters().broker);
const ranges = [
  { field: 'k3s.clusterCidr', cidr: '10.42.0.0/16' },
  { field: 'k3s.serviceCidr', cidr: '10.43.0.0/16' },
];
const messagesOf = (seen: Partial<HostFacts>, named = host): string[] =>
  networkProblems({ ...factsOf(host), ...seen }, named, ranges).map(({ message }) => message);

test('an internal address that the host does not have is refused, with those that it has and the remedy', () => {
  const seen = { ...factsOf(host), addresses: ['127.0.0.1', '10.0.0.37', '10.0.0.38'] };
  expect(networkProblems(seen, host, ranges)).toEqual([
    {
      code: 'PREFLIGHT_FAILED',
      message: 'internalAddress: "192.0.2.10" — the host has no such address; it has 10.0.0.37, 10.0.0.38',
      remedy: 'set internalAddress of host "vm-a" to one of them',
    },
  ]);
});

test('addresses that could not be read forbid nothing', () => {
  expect(messagesOf({ addresses: [] })).toEqual([]);
});

test.each<[what: string, seen: Partial<HostFacts>, message: RegExp]>([
  [
    "the operator's address",
    { operator: '10.42.7.7' },
    /^k3s.clusterCidr: "10.42.0.0\/16" — .*your own address 10.42.7.7/,
  ],
  [
    'a route of the host',
    { routes: [{ interface: 'eth1', to: '10.43.128.0/17' }] },
    /^k3s.serviceCidr: "10.43.0.0\/16" — .*the route to 10.43.128.0\/17 over eth1/,
  ],
  [
    'an address of the host on a wider route',
    { addresses: ['192.0.2.10', '10.42.3.3'], routes: [{ interface: 'eth1', to: '10.0.0.0/8' }] },
    /^k3s.clusterCidr: .*the host's address 10.42.3.3/,
  ],
])('a range that covers %s is refused', (_what, seen, message) => {
  expect(messagesOf(seen)).toEqual([expect.stringMatching(message)]);
});

test.each<[what: string, seen: Partial<HostFacts>]>([
  [
    "K3s's own routes and addresses",
    { addresses: ['192.0.2.10', '10.42.0.1'], routes: [{ interface: 'cni0', to: '10.42.0.0/24' }] },
  ],
  ['a wider route', { routes: [{ interface: 'tun0', to: '10.0.0.0/8' }] }],
  ['an operator elsewhere', { operator: '10.44.0.1' }],
])('a range is taken beside %s', (_what, seen) => {
  expect(messagesOf(seen)).toEqual([]);
});

test('the ranges of a K3s that was there before are its own', () => {
  expect(messagesOf({ operator: '10.42.7.7' }, { ...host, adopt: true })).toEqual([]);
});
