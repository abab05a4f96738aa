import { expect, test } from '@jest/globals';
import { portsNeeded, reachNeeded } from '../../../src/domain/plan/requirements.js';
import { serverOf, type Topology } from '../../../src/contract/topology.js';
import { meshMode, twoClusters } from '../../support/topologies.js';

const direct = twoClusters();
const mesh = twoClusters(meshMode);
const withoutEdge = ({ nats, ...topology }: Topology): Topology => ({ ...topology, nats: { ...nats, edge: 'none' } });
const broker = serverOf(direct.broker);
const leaf = serverOf(direct.leaves[0] ?? direct.broker);
const k3s = [6443, 6444, 10_248, 10_249, 10_250, 10_256, 10_257, 10_259];

test.each([
  ['direct', direct, [30_422, 30_722]],
  ['mesh', mesh, [30_422, 30_143, 30_191]],
  ['mesh, without an edge', withoutEdge(mesh), [30_143, 30_191]],
])('the broker’s host needs the ports of K3s and of link mode %s', (_mode, topology, more) => {
  expect(portsNeeded(topology, broker)).toEqual([...k3s, ...more]);
});

test.each([
  ['direct', direct],
  ['mesh', mesh],
])('a leaf’s host needs the ports of K3s alone in link mode %s, since nobody dials it', (_mode, topology) => {
  expect(portsNeeded(topology, leaf)).toEqual(k3s);
});

test.each([
  ['direct', direct, [30_722]],
  ['mesh', mesh, [6443, 30_143, 30_191]],
])('a leaf’s host must reach the ports of link mode %s on the broker’s host', (_mode, topology, ports) => {
  expect(reachNeeded(topology, leaf)).toEqual(ports.map((port) => ({ address: '192.0.2.10', port })));
});

test('the broker’s host must reach nobody', () => {
  expect([direct, mesh].map((topology) => reachNeeded(topology, broker))).toEqual([[], []]);
});
