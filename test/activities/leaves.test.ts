import { beforeEach, expect, test } from '@jest/globals';
import { service } from '../../src/domain/nats/manifests.js';
import { CONNZ_PATH } from '../../src/domain/nats/strangers.js';
import { pkiSpecOf } from '../../src/domain/pki/spec.js';
import { serverOf } from '../../src/contract/topology.js';
import { failureOf } from '../support/errors.js';
import { FakeNats } from '../support/fakes/nats.js';
import { attempt, fakePorts, type FakePorts } from '../support/fakes/ports.js';
import { twoClusters } from '../support/topologies.js';

const topology = twoClusters();
const { name } = topology;
const server = serverOf(topology.broker);
const LEAFZ = '/api/v1/namespaces/nats-system/pods/https:nats-broker-0:8222/proxy/leafz';

let ports: FakePorts;
beforeEach(async () => {
  ports = fakePorts();
  await attempt(ports, 'ensurePki', pkiSpecOf(topology));
  ports.hosts.on(/is-active k3s/, 'active\nkubeconfig\n');
  ports.kubernetes.onGet('/readyz', 200, 'ok');
  await ports.kubernetes.apply([service('nats-broker-client', 'nats-broker', [{ name: 'client', port: 4222 }])]);
});

const client = { cid: 5, kind: 'Client', authorized_user: 'publisher.nats.local' };
const link = (cid: number, leaf: string) => ({ cid, kind: 'Leafnode', authorized_user: `leaf-${leaf}.nats.local` });
const connected = (...connections: object[]) =>
  ports.kubernetes.onGet(CONNZ_PATH, 200, { server_id: 'NABC', connections });
const CUT = { topology: name, server, leaves: ['cluster-b'] };

test('cutOffLeaves connects to nobody when all who are linked belong to the topology', async () => {
  connected(client, link(7, 'cluster-b'));
  expect(await attempt(ports, 'cutOffLeaves', CUT)).toEqual({ changed: [] });
  expect(ports.nats.identities).toEqual([]);
  expect(ports.hosts.tunnels).toEqual([]);
});

test('cutOffLeaves ends the links of leaves that are no more, and no other connection, until they are gone', async () => {
  connected(client, link(7, 'cluster-b'), link(8, 'cluster-c'));
  ports.clock.onSleep = () => connected(client, link(7, 'cluster-b'));
  expect(await attempt(ports, 'cutOffLeaves', CUT)).toEqual({
    changed: ['cut off leaf-cluster-c.nats.local on cluster-a'],
  });
  expect(ports.nats.messages).toEqual([
    { subject: '$SYS.REQ.SERVER.NABC.KICK', text: '{"cid":8}', reply: expect.any(String) },
  ]);
  expect([ports.nats.open, ports.hosts.tunnelsOpen]).toEqual([0, 0]);
  expect(await attempt(ports, 'cutOffLeaves', CUT)).toEqual({ changed: [] });
});

test('cutOffLeaves names the leaf that stays linked, and closes what it opened', async () => {
  connected(link(8, 'cluster-c'));
  expect(await failureOf(attempt(ports, 'cutOffLeaves', CUT))).toMatchObject({
    type: 'NOT_READY',
    message: expect.stringContaining('leaf-cluster-c.nats.local still linked'),
  });
  expect([ports.nats.open, ports.hosts.tunnelsOpen]).toEqual([0, 0]);
});

test('cutOffLeaves closes its tunnel when the broker does not let it in', async () => {
  connected(link(8, 'cluster-c'));
  const refusing = { ...ports, nats: new FakeNats(() => new Error('tls: bad certificate')) };
  expect((await failureOf(attempt(refusing, 'cutOffLeaves', CUT))).message).toBe('tls: bad certificate');
  expect(ports.hosts.tunnels).toHaveLength(1);
  expect(ports.hosts.tunnelsOpen).toBe(0);
});

const linked = (...leaves: string[]) =>
  ports.kubernetes.onGet(LEAFZ, 200, { leafs: leaves.map((leaf) => ({ name: `leaf-${leaf}`, account: 'APP' })) });
const GONE = { host: server, leaves: ['cluster-b', 'cluster-c'] };

test('awaitLeavesGone waits until the broker lists none of the topology’s leaf nodes', async () => {
  linked('cluster-b', 'cluster-c');
  ports.clock.onSleep = () => linked(...(ports.clock.sleeps.length === 0 ? ['cluster-b'] : ['cluster-x']));
  expect(await attempt(ports, 'awaitLeavesGone', GONE)).toEqual({ changed: [] });
  expect(ports.clock.sleeps).toHaveLength(2);
});

test('awaitLeavesGone lets the teardown go on when a leaf node stays linked, and tells of it', async () => {
  linked('cluster-c');
  expect(await attempt(ports, 'awaitLeavesGone', GONE)).toEqual({
    changed: ['left leaf-cluster-c linked until the broker ended on cluster-a'],
  });
});

test('awaitLeavesGone takes a broker that does not answer for one without leaf nodes', async () => {
  ports.kubernetes.onGet(LEAFZ, 503, 'no endpoints available');
  expect(await attempt(ports, 'awaitLeavesGone', GONE)).toEqual({ changed: [] });
  expect(ports.clock.sleeps).toEqual([]);
});
