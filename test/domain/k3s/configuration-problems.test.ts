import { expect, test } from '@jest/globals';
import { serverOf } from '../../../src/contract/topology/topology.js';
import type { HostFacts } from '../../../src/domain/hosts/facts.js';
import { renderK3sConfig } from '../../../src/domain/k3s/config.js';
import { configurationProblems } from '../../../src/domain/k3s/configuration-problems.js';
import { settingsIn } from '../../../src/domain/k3s/flat-yaml.js';
import { factsOf } from '../../support/host-facts.js';
import { twoClusters } from '../../support/topologies.js';

const topology = twoClusters();
const host = serverOf(topology.broker);
const claimed = (adopted: boolean): HostFacts['claim'] => ({
  state: 'held',
  claim: { topology: 'plant-7', adopted },
  form: 'current',
});
const created: HostFacts = {
  ...factsOf(host),
  claim: claimed(false),
  k3sData: ['/var/lib/rancher/k3s/server/db'],
  k3sConfig: renderK3sConfig(host, topology.k3s).split('\n'),
};
const drop = (...lines: string[]): Partial<HostFacts> => ({
  dropIns: lines.map((line) => ({ file: '/etc/rancher/k3s/config.yaml.d/50-x.yaml', line })),
});

test('reads values, lists, quotes and comments as K3s does', () => {
  const lines = ['# top', 'a: 1 # one', 'b: "x # y"', "'c+': [p, q]", 'd:', '  - r', '- s # t', 'e:', 'not a key'];
  expect(settingsIn(lines)).toEqual([
    { key: 'a', values: ['1'] },
    { key: 'b', values: ['x # y'] },
    { key: 'c+', values: ['p', 'q'] },
    { key: 'd', values: ['r', 's'] },
    { key: 'e', values: [] },
  ]);
});

test('a cluster that is as the topology says has no problem', () => {
  expect(configurationProblems(created, host, topology.k3s)).toEqual([]);
});

test.each<[when: string, seen: Partial<HostFacts>, codes: string[]]>([
  ['a cluster has run it', {}, ['K3S_VERSION_DIFFERS']],
  ['no cluster has run it', { k3sData: [] }, []],
  ['it was there before us', { claim: claimed(true) }, []],
])('another version than that of the host when %s', (_when, seen, codes) => {
  const facts = { ...created, k3sVersion: 'v1.35.1+k3s1', ...seen };
  const found = configurationProblems(facts, host, topology.k3s);
  expect(found.map(({ code }) => code)).toEqual(codes);
  expect(found.map(({ remedy }) => remedy).join()).toBe(
    codes.length === 0 ? '' : 'set k3s.version: v1.35.1+k3s1, or tear the cluster down first',
  );
});

test.each<[field: string, change: object, message: string, remedy: RegExp]>([
  [
    'the range of pods',
    { k3s: { clusterCidr: '10.60.0.0/16' } },
    'k3s.clusterCidr: "10.60.0.0/16" — it was 10.42.0.0/16 when the cluster was created, and cannot change',
    /set it back to 10.42.0.0\/16, or tear the cluster down first/,
  ],
  [
    'the range of Services',
    { k3s: { serviceCidr: '10.53.0.0/16' } },
    'k3s.serviceCidr: "10.53.0.0/16" — it was 10.43.0.0/16 when the cluster was created, and cannot change',
    /10.43.0.0\/16/,
  ],
  [
    "the host's name",
    { name: 'vm-a2' },
    'the host\'s name: "vm-a2" — it was vm-a when the cluster was created, and cannot change',
    /set it back to vm-a/,
  ],
])(
  'another value for %s is refused on a cluster that exists',
  (_field, { k3s, ...names }: { k3s?: object }, message, remedy) => {
    expect(configurationProblems(created, { ...host, ...names }, { ...topology.k3s, ...k3s })).toEqual([
      { code: 'PREFLIGHT_FAILED', message, remedy: expect.stringMatching(remedy) },
    ]);
  },
);

test('before the first start of K3s everything can still change', () => {
  const settings = { ...topology.k3s, clusterCidr: '10.60.0.0/16' };
  expect(configurationProblems({ ...created, k3sData: [] }, host, settings)).toEqual([]);
});

test.each<[what: string, lines: string[], message: RegExp]>([
  [
    'another range',
    ['cluster-cidr: 10.60.0.0/16'],
    /50-x.yaml: cluster-cidr is "10.60.0.0\/16", and leafspan needs "10.42.0.0\/16"/,
  ],
  ['a list that replaces ours', ['disable: [servicelb]'], /disable is "servicelb", and leafspan needs "traefik"/],
  ['the datastore of others', ['datastore-endpoint: mysql://u:p@db/k3s'], /50-x.yaml: datastore-endpoint — with it/],
  ['a cluster to join', ['server: https://192.0.2.9:6443'], /50-x.yaml: server: https:\/\/192.0.2.9:6443 — with it/],
  ['no network', ['flannel-backend: "none"'], /50-x.yaml: flannel-backend: none — with it/],
  ['no DNS', ['disable+: [coredns]'], /50-x.yaml: disable\+: coredns — with it/],
  ['another container runtime', ['docker: true'], /50-x.yaml: docker: true — with it/],
  ['another port of the API', ['https-listen-port: "7443"'], /https-listen-port is "7443", and leafspan needs "6443"/],
])('a drop-in with %s is refused', (_what, lines, message) => {
  expect(configurationProblems({ ...created, ...drop(...lines) }, host, topology.k3s)).toEqual([
    expect.objectContaining({ message: expect.stringMatching(message) }),
  ]);
});

test('a variable of the unit that K3s would take over its configuration is refused', () => {
  const k3sVariables = [{ file: '/etc/default/k3s', name: 'K3S_DATASTORE_ENDPOINT' }];
  expect(configurationProblems({ ...factsOf(host), k3sVariables }, host, topology.k3s)).toEqual([
    {
      code: 'PREFLIGHT_FAILED',
      message: '/etc/default/k3s: K3S_DATASTORE_ENDPOINT is set, and K3s would take it over its configuration',
      remedy: expect.stringMatching(/^remove the line/),
    },
  ]);
});

test.each<[what: string, lines: string[]]>([
  ['the same value', ['cluster-cidr: "10.42.0.0/16"  # as it is']],
  ['a list that contains ours', ['disable:', '  - traefik', '  - metrics-server']],
  ['a list that adds to ours', ['disable+: [metrics-server]']],
  ['a setting that leafspan does not care about', ['debug: true']],
])('a drop-in with %s is taken', (_what, lines) => {
  expect(configurationProblems({ ...created, ...drop(...lines) }, host, topology.k3s)).toEqual([]);
});

test('a K3s that was there before keeps its own configuration', () => {
  const seen = { ...created, claim: claimed(true), ...drop('cluster-cidr: 10.60.0.0/16') };
  expect(configurationProblems(seen, host, topology.k3s)).toEqual([]);
});

test.each([['disable+: [local-storage]'], ['disable: [traefik, local-storage]']])(
  '%s is refused where streams need its volumes, and else taken',
  (line) => {
    const facts = { ...created, ...drop(line) };
    expect(configurationProblems(facts, host, topology.k3s)).toEqual([]);
    expect(configurationProblems(facts, host, topology.k3s, { localStorage: true })).toEqual([
      expect.objectContaining({ message: expect.stringContaining('local-storage is disabled') }),
    ]);
  },
);
