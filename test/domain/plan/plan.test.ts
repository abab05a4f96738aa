import { expect, test } from '@jest/globals';
import type { HostFacts } from '../../../src/domain/hosts/facts.js';
import { problemsOf } from '../../../src/domain/hosts/problems.js';
import { planHosts } from '../../../src/domain/plan/plan.js';
import { serverOf } from '../../../src/contract/topology.js';
import { twoClusters } from '../../support/topologies.js';

const topology = twoClusters();
const host = serverOf(topology.broker);
const bare: HostFacts = {
  host: 'vm-a',
  cluster: 'cluster-a',
  os: 'Debian GNU/Linux 12 (bookworm)',
  arch: 'amd64',
  cpus: 2,
  memoryMb: 2_000,
  diskFreeMb: 20_000,
  clockOffsetMs: 12,
  nameResolves: true,
  lacks: [],
  otherKubernetes: [],
  portsTaken: [],
  reach: [],
};
const ours: Partial<HostFacts> = { owner: 'plant-7', k3sVersion: 'v1.36.3+k3s1', k3sUnit: 'active' };

test.each<[behaviour: string, seen: Partial<HostFacts>, code: string, message: RegExp]>([
  ['a clock 31 s off', { clockOffsetMs: -31_000 }, 'PREFLIGHT_FAILED', /clock is -31 s off/],
  ['an architecture without artifacts', { arch: 'riscv64' }, 'PREFLIGHT_FAILED', /"riscv64" is not supported/],
  ['too little memory', { memoryMb: 500 }, 'PREFLIGHT_FAILED', /500 MiB of memory/],
  ['a full disk', { diskFreeMb: 12 }, 'PREFLIGHT_FAILED', /12 MiB free/],
  ['a port that is taken', { portsTaken: [6443] }, 'PREFLIGHT_FAILED', /port 6443 is taken/],
  ['a missing tool', { lacks: ['command iptables'] }, 'PREFLIGHT_FAILED', /command iptables is missing/],
  [
    'a filtered port',
    { reach: [{ address: '192.0.2.10', port: 30_722, state: 'filtered' }] },
    'PREFLIGHT_FAILED',
    /no answer from 192.0.2.10:30722/,
  ],
  [
    'a K3s of somebody else',
    { k3sVersion: 'v1.30.0+k3s1', k3sUnit: 'active' },
    'HOST_FOREIGN',
    /did not install \(k3s v1.30.0\+k3s1, k3s.service\)/,
  ],
  ['another Kubernetes', { otherKubernetes: ['rke2-server.service'] }, 'HOST_FOREIGN', /rke2-server.service/],
  ['another topology', { owner: 'plant-8' }, 'HOST_LOCKED', /belongs to topology "plant-8"/],
])('refuses %s', (_behaviour, seen, code, message) => {
  expect(problemsOf({ ...bare, ...seen }, host, topology.name)).toEqual([
    expect.objectContaining({
      host: 'vm-a',
      code,
      message: expect.stringMatching(message) as unknown as string,
      remedy: expect.any(String) as unknown as string,
    }),
  ]);
});

test.each<[behaviour: string, seen: Partial<HostFacts>]>([
  ['a bare host', {}],
  ['a clock 29 s off', { clockOffsetMs: 29_000 }],
  ['a port on which nothing listens yet', { reach: [{ address: '192.0.2.10', port: 30_722, state: 'refused' }] }],
  ['ports and a small disk on a host of its own', { ...ours, portsTaken: [6443], diskFreeMb: 100 }],
])('takes %s', (_behaviour, seen) => {
  expect(problemsOf({ ...bare, ...seen }, host, topology.name)).toEqual([]);
});

test('takes over a foreign K3s when the topology says so', () => {
  expect(problemsOf({ ...bare, k3sVersion: 'v1.36.3+k3s1' }, { ...host, adopt: true }, topology.name)).toEqual([]);
});

test.each<[state: string, seen: Partial<HostFacts>]>([
  ['none', {}],
  ['ours', ours],
  ['partial', { owner: 'plant-7' }],
  ['partial', { ...ours, k3sUnit: 'failed' }],
])('calls a host %s', (state, seen) => {
  expect(planHosts(topology, [{ ...bare, ...seen }])).toEqual([expect.objectContaining({ host: 'vm-a', state })]);
});
