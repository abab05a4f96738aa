import { expect, test } from '@jest/globals';
import { mustBeValid } from '../../src/activities/input.js';
import { hubScope, leafScope, settingsOf, type Scope } from '../../src/contract/topology/scope.js';
import type { Topology } from '../../src/contract/topology/topology.js';
import { parseTopology } from '../../src/domain/topology/parse.js';
import { hostNamed, manyLeaves, meshMode, twoClusters } from '../support/topologies.js';

const FULL = `apiVersion: leafspan/v1
name: plant-7
broker:
  name: cluster-a
  hosts: [{ ssh: { address: a.example.net, port: 2222, user: john.doe, hostKey: "SHA256:${'a'.repeat(43)}" }, internalAddress: 10.0.0.1, externalAddress: 192.0.2.1, adopt: true }]
leaves:
  - name: cluster-b
    hosts: [{ name: vm-b, ssh: { address: 192.0.2.20, user: ubuntu, privateKeyFile: key } }]
link: { mode: mesh, gateway: { exposure: nodePort, port: 30150 } }
nats: { edge: none, publishEvery: 7s }
k3s: { maxPods: 200 }
firewall: manage
approvals: [link]
rollout: { maxFailures: "3" }
artifacts: { mirror: "https://mirror.example" }
`;

function parsed(source: string): Topology {
  const read = parseTopology(source, (path) => `/home/ada/${path}`);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.topology;
}

const scopesOf = (topology: Topology): Scope[] => [
  hubScope(topology),
  ...topology.leaves.map((leaf) => leafScope(settingsOf(topology), leaf)),
];

test.each<[what: string, topology: Topology]>([
  ['with every field', parsed(FULL)],
  ['from a bundle', parsed(FULL.replace(/mirror: .* }/, 'bundle: there }'))],
  ['in link mode direct', twoClusters()],
  ['in link mode mesh', twoClusters(meshMode)],
  ['of a fleet', twoClusters({ leaves: manyLeaves(1_000) })],
])('the input of each cluster of a topology %s is valid', (_what, topology) => {
  for (const scope of scopesOf(topology)) expect(() => mustBeValid({ scope, trustOnFirstUse: true })).not.toThrow();
});

const hub = hubScope(twoClusters());
const { settings, cluster } = hub;
const hostile = "x';touch /root/pwned;'";

test.each<[field: string, input: unknown]>([
  ['topology', { topology: '../../../home/ada' }],
  ['scope.leafAddresses.0', { scope: { ...hub, leafAddresses: [hostile] } }],
  ['scope.settings.name', { scope: { ...hub, settings: { ...settings, name: hostile } } }],
  [
    'scope.settings.nats.subject',
    { scope: { ...hub, settings: { ...settings, nats: { ...settings.nats, subject: hostile } } } },
  ],
  [
    'scope.settings.k3s.version',
    { scope: { ...hub, settings: { ...settings, k3s: { ...settings.k3s, version: hostile } } } },
  ],
  ['scope.settings.linkerd.version', { scope: { ...hub, settings: { ...settings, linkerd: { version: hostile } } } }],
  [
    'scope.settings.artifacts.mirror',
    { scope: { ...hub, settings: { ...settings, artifacts: { from: 'releases', mirror: hostile } } } },
  ],
  [
    'scope.settings.artifacts.folder',
    { scope: { ...hub, settings: { ...settings, artifacts: { from: 'bundle', folder: 'a' } } } },
  ],
  ['scope.leaves.0', { scope: { ...hub, leaves: [hostile] } }],
  [
    'scope.cluster.hosts.0.name',
    { scope: { ...hub, cluster: { ...cluster, hosts: [hostNamed(hostile, 'a', '192.0.2.1')] } } },
  ],
  [
    'scope.cluster.hosts.0.internalAddress',
    { scope: { ...hub, cluster: { ...cluster, hosts: [hostNamed('a', 'a', hostile)] } } },
  ],
  ['scope.cluster.hosts', { scope: { ...hub, cluster: { ...cluster, hosts: [] } } }],
  ['scope', { scope: null }],
])('an input whose %s no topology file leads to is refused for good', (field, input) => {
  const refusal = { code: 'TOPOLOGY_INVALID', message: expect.stringContaining(`\n${field}: `) as unknown };
  expect(() => mustBeValid(input)).toThrow(expect.objectContaining(refusal));
});
