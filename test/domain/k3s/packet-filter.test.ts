import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ADDRESS_SETS_FUNCTION, PACKET_FILTER_FUNCTION } from '../../../src/domain/k3s/before/packet-filter.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leafspan-rules-'));
  mkdirSync(join(root, 'before'));
});
afterEach(() => rmSync(root, { recursive: true }));

const table = (name: string, chains: string[], rules: string[]): string =>
  [`*${name}`, ...chains.map((chain) => `:${chain} - [7:420]`), ...rules, 'COMMIT', ''].join('\n');

/** A program of the host, in the directory given, that prints this. */
function program(directory: string, name: string, prints: string): void {
  mkdirSync(join(root, directory), { recursive: true });
  writeFileSync(join(root, directory, name), `#!/bin/sh\ncat <<'PRINTS'\n${prints}PRINTS\n`);
  chmodSync(join(root, directory, name), 0o755);
}

function printed(script: string): string[] {
  const moved = script.replaceAll('/var/lib/leafspan', root).replaceAll('/var/lib/rancher', root);
  const env = { PATH: `${root}:${process.env['PATH'] ?? ''}` };
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-u', '-c', moved], { encoding: 'utf8', env });
  expect(stderr).toBe('');
  return stdout.split('\n').filter(Boolean);
}

/** What removes K3s's rules from these, on a host that had those before. */
function removal(now: string, before = ''): string[] {
  writeFileSync(join(root, 'before/iptables'), before);
  program('.', 'iptables-save', now);
  return printed(`${PACKET_FILTER_FUNCTION}own_rules iptables`);
}

const PODMAN = [
  '-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT',
  String.raw`-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \"podman\" id: \"a1\"" -m multiport --dports 8080 -j CNI-DN-a1`,
  '-A CNI-DN-a1 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.88.0.2:80',
];
const PODMAN_CHAINS = ['PREROUTING', 'CNI-HOSTPORT-DNAT', 'CNI-DN-a1'];
const K3S_PORT = String.raw`-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \"cbr0\" id: \"b2\"" -m multiport --dports 443 -j CNI-DN-b2`;
const K3S_DNAT = '-A CNI-DN-b2 -p tcp -m tcp --dport 443 -j DNAT --to-destination 10.42.0.9:443';

test('chains of K3s and the rules that lead to them go, and nothing else is named', () => {
  const rules = [
    '-A INPUT -m comment --comment "kubernetes health check" -j KUBE-NODEPORTS',
    '-A INPUT -p tcp -m tcp --dport 8081 -m comment --comment "allow flannel-monitor" -j ACCEPT',
    '-A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD',
    '-A FLANNEL-FWD -s 10.42.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT',
  ];
  expect(removal(table('filter', ['INPUT', 'FORWARD', 'KUBE-NODEPORTS', 'FLANNEL-FWD'], rules))).toEqual([
    '*filter',
    ':KUBE-NODEPORTS - [0:0]',
    ':FLANNEL-FWD - [0:0]',
    '-D INPUT -m comment --comment "kubernetes health check" -j KUBE-NODEPORTS',
    '-D FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD',
    '-X KUBE-NODEPORTS',
    '-X FLANNEL-FWD',
    'COMMIT',
  ]);
});

test('on a host without such tools those of K3s are used', () => {
  const rules = ['-A INPUT -m comment --comment "kubernetes health check" -j KUBE-NODEPORTS'];
  program('k3s/data/current/bin/aux', 'k3stables-save', table('filter', ['INPUT', 'KUBE-NODEPORTS'], rules));
  expect(printed(`${PACKET_FILTER_FUNCTION}own_rules k3stables`)).toContain('-X KUBE-NODEPORTS');
});

test('ports that podman has published by the same plugin stay', () => {
  const chains = [...PODMAN_CHAINS, 'CNI-DN-b2'];
  const removed = removal(table('nat', chains, [...PODMAN, K3S_PORT, K3S_DNAT]));
  expect(removed).toEqual(['*nat', ':CNI-DN-b2 - [0:0]', K3S_PORT.replace('-A', '-D'), '-X CNI-DN-b2', 'COMMIT']);
});

test('the chain that the plugins share goes when K3s alone has used it', () => {
  const chains = ['PREROUTING', 'CNI-HOSTPORT-DNAT', 'CNI-DN-b2'];
  const [jump = ''] = PODMAN;
  expect(removal(table('nat', chains, [jump, K3S_PORT, K3S_DNAT]))).toEqual([
    '*nat',
    ':CNI-HOSTPORT-DNAT - [0:0]',
    ':CNI-DN-b2 - [0:0]',
    jump.replace('-A', '-D'),
    '-X CNI-HOSTPORT-DNAT',
    '-X CNI-DN-b2',
    'COMMIT',
  ]);
});

test('a host without rules of K3s needs nothing', () => {
  expect(removal(table('nat', PODMAN_CHAINS, PODMAN))).toEqual([]);
});

test.each<[what: string, chain: string, rule: string]>([
  ['an empty shared chain', 'CNI-HOSTPORT-DNAT', '-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT'],
  ['a chain by a name of kube-proxy', 'KUBE-MINE', '-A PREROUTING -j KUBE-MINE'],
])('%s that was there before stays', (_what, chain, rule) => {
  const rules = table('nat', ['PREROUTING', chain], [rule]);
  expect(removal(rules, rules)).toEqual([]);
});

test.each<[what: string, before: string, own: string[]]>([
  ['of a host that had none', '', ['KUBE-SRC-AAA', 'inet6:KUBE-DST-BBB']],
  ['of a host that had some', 'KUBE-SRC-AAA\nmine\n', ['inet6:KUBE-DST-BBB']],
])("the sets of addresses %s go when they are K3s's, by K3s's own tool", (_what, before, own) => {
  writeFileSync(join(root, 'before/sets'), before);
  program('k3s/data/current/bin', 'ipset', 'KUBE-SRC-AAA\nmine\nKUBE-MINE\ninet6:KUBE-DST-BBB\n');
  expect(printed(`${ADDRESS_SETS_FUNCTION}own_sets`)).toEqual(own);
});

test('a host without the tool has no sets to name', () => {
  expect(printed(`${ADDRESS_SETS_FUNCTION}own_sets`)).toEqual([]);
});
