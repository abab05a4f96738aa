import { beforeEach, expect, test } from '@jest/globals';
import { metricsPath } from '../../src/domain/multicluster/connections.js';
import { monitorPath } from '../../src/domain/nats/monitor.js';
import { serverOf } from '../../src/contract/topology.js';
import { attempt, fakePorts, type FakePorts } from '../support/fakes/ports.js';
import { GATEWAY as gateway, twoClusters } from '../support/topologies.js';
import type { ManifestObject } from '../../src/domain/kubernetes/objects.js';

const topology = twoClusters();
const broker = serverOf(topology.broker);
const server = serverOf(topology.leaves[0] ?? topology.broker);
const PATH = { server, broker, gateway };
const MIRROR = 'nats-broker-cluster-a.nats-system.svc.cluster.local:7422';

const object = (kind: string, name: string): ManifestObject =>
  JSON.parse(
    JSON.stringify({ apiVersion: 'v1', kind, metadata: { name, namespace: 'nats-system' } }),
  ) as ManifestObject;

let ports: FakePorts;
beforeEach(() => {
  ports = fakePorts();
  // The fake gives every Service the address 10.43.0.9.
  ports.kubernetes.put(object('Service', 'nats-broker-cluster-a')).put(object('Pod', 'nats-leaf-0'));
});

function linked(ip: string, target: string): void {
  const spoke = { name: 'broker-cluster-a', account: 'APP', is_spoke: true, ip, port: 7422 };
  const metric = `tcp_open_connections{direction="outbound",peer="dst",authority="${MIRROR}",target_addr="${target}",tls="true"} 1\n`;
  ports.kubernetes
    .onGet(monitorPath('nats-leaf', 'leafz'), 200, { leafnodes: 1, leafs: [spoke] })
    .onGet(metricsPath('nats-leaf'), 200, metric);
}

const NOW = `192.0.2.10:${gateway.port}`;

test.each([
  ['a mirrored Service that was made anew', '10.43.0.8', NOW, '10.43.0.8:7422'],
  ['a gateway that has moved', '10.43.0.9', '192.0.2.10:4143', '192.0.2.10:4143'],
])('redialLeafNode restarts a leaf node whose link still goes by %s', async (_way, ip, target, former) => {
  linked(ip, target);
  expect((await attempt(ports, 'redialLeafNode', PATH)).changed).toEqual([
    `restarted nats-leaf-0 on cluster-b, whose link went by ${former}`,
  ]);
  expect(ports.kubernetes.names()).not.toContain('Pod/nats-leaf-0');
});

test('redialLeafNode leaves a link alone that is on its way', async () => {
  linked('10.43.0.9', NOW);
  expect(await attempt(ports, 'redialLeafNode', PATH)).toEqual({ changed: [] });
  expect(ports.kubernetes.changes).toEqual([]);
});

test('redialLeafNode has nothing to do before there is a leaf node', async () => {
  const absent = { kind: 'Status', message: 'pods "nats-leaf-0" not found' };
  ports.kubernetes.onGet(monitorPath('nats-leaf', 'leafz'), 404, absent).onGet(metricsPath('nats-leaf'), 404, absent);
  expect(await attempt(ports, 'redialLeafNode', PATH)).toEqual({ changed: [] });
  expect(ports.kubernetes.changes).toEqual([]);
});
