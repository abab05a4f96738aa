import { expect, test } from '@jest/globals';
import { parseTopology, type TopologyProblem } from '../../../src/domain/topology/parse.js';

const KEYS = [`SHA256:${'a'.repeat(43)}`, `SHA256:${'b'.repeat(43)}`];
const source = (changes: { leaf?: object; ssh?: object; k3s?: object }): string =>
  JSON.stringify({
    apiVersion: 'leafspan/v1',
    name: 'plant-7',
    broker: {
      name: 'cluster-a',
      hosts: [
        {
          ssh: { address: '203.0.113.10', user: 'ubuntu', hostKey: KEYS[0] },
          internalAddress: '10.0.0.37',
        },
      ],
    },
    leaves: [
      {
        name: 'cluster-b',
        hosts: [
          { ssh: { address: '203.0.113.20', user: 'ubuntu', hostKey: KEYS[1], ...changes.ssh }, ...changes.leaf },
        ],
      },
    ],
    ...(changes.k3s === undefined ? {} : { k3s: changes.k3s }),
  });

const problemsOf = (changes: Parameters<typeof source>[0]): TopologyProblem[] => {
  const parsed = parseTopology(source(changes), (path) => path);
  return parsed.ok ? [] : parsed.problems;
};

test.each<[what: string, k3s: object, path: string, message: RegExp]>([
  ['a byte above 255', { clusterCidr: '300.1.1.1/16' }, 'k3s.clusterCidr', /must be an IPv4 range/],
  ['loopback', { clusterCidr: '127.0.0.0/8' }, 'k3s.clusterCidr', /overlaps 127.0.0.0\/8, which is not for hosts/],
  ['multicast', { serviceCidr: '239.0.0.0/16' }, 'k3s.serviceCidr', /overlaps 224.0.0.0\/3/],
  ['bits beyond the prefix', { clusterCidr: '10.42.7.9/16' }, 'k3s.clusterCidr', /bits beyond its prefix/],
  [
    'the addresses of pods, for Services',
    { serviceCidr: '10.42.0.0/16' },
    'k3s.serviceCidr',
    /overlaps k3s.clusterCidr/,
  ],
  ['too many Services', { serviceCidr: '172.0.0.0/8' }, 'k3s.serviceCidr', /at most \/12/],
  [
    "a host's internal address",
    { clusterCidr: '10.0.0.0/16' },
    'k3s.clusterCidr',
    /covers 10.0.0.37, the internalAddress of host "cluster-a-1"/,
  ],
  [
    "a host's public address",
    { serviceCidr: '203.0.113.0/24' },
    'k3s.serviceCidr',
    /covers 203.0.113.10, the ssh.address of host "cluster-a-1"/,
  ],
])('a range with %s is refused with field, value and remedy', (_what, k3s, path, message) => {
  expect(problemsOf({ k3s })).toEqual([
    expect.objectContaining({
      path,
      value: JSON.stringify(Object.values(k3s)[0]),
      message: expect.stringMatching(message),
      remedy: expect.any(String),
    }),
  ]);
});

test('ranges beside all addresses are taken', () => {
  expect(problemsOf({ k3s: { clusterCidr: '172.16.0.0/16', serviceCidr: '172.17.0.0/16' } })).toEqual([]);
});

test('one host key on two hosts is one machine, or a clone without keys of its own', () => {
  expect(problemsOf({ ssh: { hostKey: KEYS[0] } })).toEqual([
    expect.objectContaining({
      path: 'leaves[0].hosts[0].ssh.hostKey',
      message: 'it is also the host key of host "cluster-a-1"',
    }),
  ]);
});

test('the same internal address behind the same external one is one machine', () => {
  const leaf = { internalAddress: '10.0.0.37', externalAddress: '203.0.113.10' };
  expect(problemsOf({ leaf })).toEqual([
    expect.objectContaining({ path: 'leaves[0].hosts[0].internalAddress', value: '"10.0.0.37"' }),
  ]);
});

test('sites may share internal addresses, since only external ones are dialled', () => {
  expect(problemsOf({ leaf: { internalAddress: '10.0.0.37' } })).toEqual([]);
});

test.each(['john.doe', 'Admin', 'j_doe@corp.example', 'CORP\\jdoe', 'müller'])('%s is a login user', (user) => {
  expect(problemsOf({ ssh: { user } })).toEqual([]);
});

test.each(['', 'a b', 'a\u0007', 'a\nb', '-oProxyCommand=x', 'a:b'])('%p is no login user', (user) => {
  expect(problemsOf({ ssh: { user } })).toEqual([expect.objectContaining({ path: 'leaves[0].hosts[0].ssh.user' })]);
});
