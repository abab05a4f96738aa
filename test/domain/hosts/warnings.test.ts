import { expect, test } from '@jest/globals';
import { serverOf } from '../../../src/contract/topology/topology.js';
import { innerOpenings } from '../../../src/domain/hosts/firewall/openings.js';
import type { HostFacts } from '../../../src/domain/hosts/facts.js';
import { warningsOf } from '../../../src/domain/hosts/warnings.js';
import { factsOf } from '../../support/host-facts.js';
import { twoClusters } from '../../support/topologies.js';

const bare = factsOf(serverOf(twoClusters().broker));
const ranges = [
  { field: 'k3s.clusterCidr', cidr: '10.42.0.0/16' },
  { field: 'k3s.serviceCidr', cidr: '10.43.0.0/16' },
];
const seenOn = (seen: Partial<HostFacts>, state: 'none' | 'ours' = 'none') =>
  warningsOf({ ...bare, ...seen }, { ranges, openings: innerOpenings(twoClusters().k3s) }, state);

test('a fit host has no warnings', () => {
  expect(seenOn({})).toEqual([]);
});

test.each<[what: string, seen: Partial<HostFacts>, message: RegExp, remedy: RegExp]>([
  ['a name that does not resolve', { nameResolves: false }, /own name does not resolve/, /\/etc\/hosts/],
  [
    'ufw',
    { firewall: 'ufw' },
    /\(ufw\).* names 10.42.0.0\/16 or 10.43.0.0\/16/,
    /ufw allow from 10.42.0.0\/16; .*10.43/,
  ],
  ['firewalld', { firewall: 'firewalld' }, /\(firewalld\)/, /firewall-cmd .*--add-source=10.42.0.0\/16/],
  ['packet filter rules', { firewall: 'iptables' }, /\(iptables\)/, /iptables -I INPUT -s 10.42.0.0\/16/],
  [
    'a firewall that lets only pods through',
    { firewall: 'ufw', firewallNames: ['10.42.0.0/16'] },
    /names 10.43.0.0\/16: pods/,
    /^sudo ufw allow from 10.43.0.0\/16; sudo ufw route allow from 10.43.0.0\/16$/,
  ],
  ['control groups v1', { cgroupV1: true }, /control groups v1/, /unified_cgroup_hierarchy/],
  ['SELinux without a policy', { selinuxWithoutPolicy: true }, /SELinux is enforced/, /k3s-selinux/],
  [
    'a route around a range',
    { routes: [{ interface: 'tun0', to: '10.42.0.0/15' }] },
    /^k3s.clusterCidr: "10.42.0.0\/16" — it is part of 10.42.0.0\/15, which the host reaches over tun0$|k3s.serviceCidr/,
    /choose another range/,
  ],
  [
    'a silent port for clients',
    { reach: [{ address: '192.0.2.10', port: 30_422, state: 'filtered', optional: true }] },
    /no response from 192.0.2.10:30422/,
    /open port 30422/,
  ],
])('warns of %s, with a remedy', (_what, seen, message, remedy) => {
  const [first] = seenOn(seen);
  expect(first?.message).toMatch(message);
  expect(first?.remedy).toMatch(remedy);
});

test('a firewall that lets both ranges through is no warning', () => {
  expect(seenOn({ firewall: 'ufw', firewallNames: ['10.0.0.0/8'] })).toEqual([]);
});

test('a system that runs has shown that firewall and kernel let it', () => {
  expect(seenOn({ firewall: 'ufw', cgroupV1: true, selinuxWithoutPolicy: true }, 'ours')).toEqual([]);
});
