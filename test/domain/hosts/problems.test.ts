import { expect, test } from '@jest/globals';
import { NO_UNIT, type HostFacts } from '../../../src/domain/hosts/facts.js';
import { problemsOf } from '../../../src/domain/hosts/problems.js';
import { serverOf } from '../../../src/contract/topology/topology.js';
import { twoClusters } from '../../support/topologies.js';
import { factsOf } from '../../support/host-facts.js';

const host = serverOf(twoClusters().broker);
const claimant = { topology: 'plant-7', cluster: 'cluster-a', installation: '0123456789abcdef' };
const bare = factsOf(host);
const claim: HostFacts['claim'] = { state: 'held', claim: { ...claimant, adopted: false }, form: 'current' };
const ours: Partial<HostFacts> = { claim, k3sVersion: 'v1.36.3+k3s1', k3sUnit: 'active' };

test.each<[behaviour: string, seen: Partial<HostFacts>, code: string, message: RegExp]>([
  ['a clock 31 s off', { clockOffsetMs: -31_000 }, 'PREFLIGHT_FAILED', /clock is -31 s off/],
  ['an architecture without artifacts', { arch: 'riscv64' }, 'PREFLIGHT_FAILED', /"riscv64" is not supported/],
  ['too little memory', { memoryMb: 500 }, 'PREFLIGHT_FAILED', /500 MiB of memory/],
  ['a full disk', { diskFreeMb: 12 }, 'PREFLIGHT_FAILED', /12 MiB free/],
  [
    'a disk on which K3s would evict pods',
    { diskFreeMb: 9_000, diskSizeMb: 200_000 },
    'PREFLIGHT_FAILED',
    /9000 MiB free in \/var\/lib, 10000 MiB needed/,
  ],
  [
    'a disk without inodes',
    { inodesFree: 99_999 },
    'PREFLIGHT_FAILED',
    /99999 inodes free in \/var\/lib, 100000 needed/,
  ],
  ["another network on K3s's port", { vxlanTaken: true }, 'PREFLIGHT_FAILED', /UDP port 8472 is taken/],
  ['a memory cgroup that is off', { memoryCgroupOff: true }, 'PREFLIGHT_FAILED', /the memory cgroup is disabled/],
  ['a kernel without a module', { noModules: ['vxlan'] }, 'PREFLIGHT_FAILED', /no module vxlan, which K3s's network/],
  ['a read-only system', { readOnly: ['/usr/local/bin'] }, 'PREFLIGHT_FAILED', /\/usr\/local\/bin is read-only/],
  [
    'a disk that runs nothing',
    { noExec: ['/var/lib'] },
    'PREFLIGHT_FAILED',
    /nothing can be run from \/var\/lib: .*noexec/,
  ],
  [
    'the datastore of an earlier K3s',
    { k3sData: ['/var/lib/rancher/k3s/server/db'] },
    'HOST_FOREIGN',
    /has data of an earlier K3s: \/var\/lib\/rancher\/k3s\/server\/db/,
  ],
  ['a port that is taken', { portsTaken: [6443] }, 'PREFLIGHT_FAILED', /port 6443 is taken/],
  ['a missing tool', { missing: ['command systemctl'] }, 'PREFLIGHT_FAILED', /command systemctl is missing/],
  [
    'a filtered port',
    { reach: [{ address: '192.0.2.10', port: 30_722, state: 'filtered' }] },
    'PREFLIGHT_FAILED',
    /no response from 192.0.2.10:30722/,
  ],
  [
    'a K3s that was there before',
    { k3sVersion: 'v1.30.0+k3s1', k3sUnit: 'active' },
    'HOST_FOREIGN',
    /did not install \(k3s v1.30.0\+k3s1, k3s.service\)/,
  ],
  [
    'a K3s that runs without its unit',
    { k3sUnit: NO_UNIT, k3sData: ['/var/lib/rancher/k3s/server/db'] },
    'HOST_FOREIGN',
    /did not install \(a K3s that runs\)/,
  ],
  ['another Kubernetes', { otherKubernetes: ['rke2-server.service'] }, 'HOST_FOREIGN', /rke2-server.service/],
  [
    'another topology',
    { claim: { state: 'held', claim: { topology: 'plant-8', adopted: false }, form: 'old' } },
    'HOST_LOCKED',
    /belongs to topology "plant-8"/,
  ],
  [
    'another installation of the same topology',
    { ...ours, claim: { ...claim, claim: { ...claimant, installation: 'fedcba9876543210', adopted: false } } },
    'INSTALLATION_DIFFERS',
    /its NATS CA is fedcba9876543210, the one here is 0123456789abcdef/,
  ],
  [
    "a copy of another host's disk",
    {
      ...ours,
      claim: { ...claim, claim: { ...claimant, machine: 'fedcba9876543210', adopted: false }, machine: '0'.repeat(16) },
    },
    'MACHINE_DIFFERS',
    /its claim names machine fedcba9876543210, and this is machine 0{16}/,
  ],
  [
    'a claim that is empty',
    { claim: { state: 'unreadable', file: '/var/lib/leafspan/claim.json', saw: 'is empty' } },
    'CLAIM_UNREADABLE',
    /claim.json is empty/,
  ],
])('refuses %s', (_behaviour, seen, code, message) => {
  expect(problemsOf({ ...bare, ...seen }, host, claimant)).toEqual([
    { host: 'vm-a', code, message: expect.stringMatching(message), remedy: expect.any(String) },
  ]);
});

test.each<[behaviour: string, seen: Partial<HostFacts>]>([
  ['a bare host', {}],
  ['a clock 29 s off', { clockOffsetMs: 29_000 }],
  [
    'a silent port that only clients use',
    { reach: [{ address: '192.0.2.10', port: 30_422, state: 'filtered', optional: true }] },
  ],
  ['a port on which nothing listens yet', { reach: [{ address: '192.0.2.10', port: 30_722, state: 'refused' }] }],
  ['ports and a small disk on a host of its own', { ...ours, portsTaken: [6443], diskFreeMb: 100 }],
])('takes %s', (_behaviour, seen) => {
  expect(problemsOf({ ...bare, ...seen }, host, claimant)).toEqual([]);
});

test.each<[behaviour: string, seen: Partial<HostFacts>, messages: RegExp[]]>([
  ['takes over a K3s that runs', { k3sVersion: 'v1.30.0+k3s1', k3sUnit: 'active' }, []],
  ['refuses a K3s that does not run', { k3sVersion: 'v1.30.0+k3s1', k3sUnit: 'failed' }, [/k3s.service is failed/]],
  ['refuses a K3s in another place', { k3sUnit: 'active' }, [/\/usr\/local\/bin\/k3s is not there/]],
  ['refuses a K3s binary without its unit', { k3sVersion: 'v1.30.0+k3s1' }, [/k3s.service is not there/]],
  ['refuses another Kubernetes', { otherKubernetes: ['/etc/kubernetes/manifests'] }, [/did not install/]],
  ['takes a bare host', {}, []],
  ['leaves the network to the K3s that is there', { noModules: ['vxlan'] }, []],
])('with adopt: %s', (_behaviour, seen, messages) => {
  const problems = problemsOf({ ...bare, ...seen }, { ...host, adopt: true }, claimant);
  expect(problems.map(({ message }) => message)).toEqual(messages.map((text) => expect.stringMatching(text)));
});

test('wants room for what is sent and unpacked, on a host that has nothing of it yet', () => {
  const small = { ...bare, diskFreeMb: 3_050, diskSizeMb: 32_000 };
  expect(problemsOf(small, host, claimant, 1_400)).toEqual([]);
  expect(problemsOf(small, host, claimant, 2_000)).toEqual([
    expect.objectContaining({ message: '3050 MiB free in /var/lib, 3600 MiB needed' }),
  ]);
  expect(problemsOf({ ...small, claim }, host, claimant, 2_000)).toEqual([]);
});

test('refuses data of an earlier K3s with adopt too, since nothing runs that could be adopted', () => {
  const seen = { ...bare, k3sData: ['/var/lib/rancher/k3s/server/tls'] };
  expect(problemsOf(seen, { ...host, adopt: true }, claimant)).toEqual([
    expect.objectContaining({ code: 'HOST_FOREIGN' }),
  ]);
});

test('does not lead to adopt where nothing can be adopted', () => {
  const [problem] = problemsOf({ ...bare, otherKubernetes: ['rke2-server.service'] }, host, claimant);
  expect(problem?.remedy).not.toContain('adopt');
});
