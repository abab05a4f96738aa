import { beforeEach, expect, test } from '@jest/globals';
import type { CheckResult } from '../../src/contract/checks.js';
import { unitStateScript } from '../../src/domain/k3s/install.js';
import { pkiSpecOf } from '../../src/domain/pki/spec.js';
import { serverOf, type Host, type Topology } from '../../src/contract/topology.js';
import { Attempt, attempt, fakePorts, type FakePorts } from '../support/fakes/ports.js';
import { FakeNats } from '../support/fakes/nats.js';
import { twoClusters } from '../support/topologies.js';

const inside = (host: Host): Host => ({ ...host, internalAddress: '10.0.0.5' });
const two = twoClusters();
const topology: Topology = {
  ...two,
  broker: { ...two.broker, hosts: two.broker.hosts.map(inside) },
  leaves: two.leaves.map((leaf) => ({ ...leaf, hosts: leaf.hosts.map(inside) })),
};
const { name, nats } = topology;
const broker = serverOf(topology.broker);
const leaf = serverOf(topology.leaves[0] ?? topology.broker);
const condition = (type: string): object => ({ status: { conditions: [{ type, status: 'True' }] } });
const leafzOf = (app: string): string => `/api/v1/namespaces/nats-system/pods/https:${app}-0:8222/proxy/leafz`;

/** Both clusters in one, after a provision, with a broker that lets in whom the topology's CA has signed. */
const provisioned = async (refusal?: Error): Promise<FakePorts> => {
  const issued = new Set<string>();
  const ports = fakePorts({
    nats: new FakeNats((certificate) =>
      certificate !== undefined && issued.has(certificate) ? refusal : (refusal ?? new Error('tls: bad certificate')),
    ),
  });
  await attempt(ports, 'ensurePki', pkiSpecOf(topology));
  for (const file of await ports.secrets.list(name)) issued.add(String(await ports.secrets.read(name, file)));
  await attempt(ports, 'ensureBroker', { topology: name, server: broker, leaves: ['cluster-b'], nats, mode: 'direct' });
  await attempt(ports, 'ensureLeafNode', {
    topology: name,
    server: leaf,
    nats,
    remote: '192.0.2.10:30722',
    mode: 'direct',
  });
  ports.hosts.on(unitStateScript, 'active\nkubeconfig\n');
  ports.kubernetes
    .onGet('/readyz', 200, 'ok')
    .onGet('/api/v1/nodes', 200, { items: [condition('Ready')] })
    .onGet('/apis/apps/v1/namespaces/kube-system/deployments/coredns', 200, condition('Available'))
    .onGet('/api/v1/namespaces/default/serviceaccounts/default', 200, {})
    .onGet('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes', 200, {
      endpoints: [{ addresses: ['10.0.0.5'] }],
    })
    .onGet(leafzOf('nats-broker'), 200, { leafs: [{ name: 'leaf-cluster-b', account: 'APP', is_spoke: false }] })
    .onGet(leafzOf('nats-leaf'), 200, {
      leafs: [{ name: 'broker-cluster-a', account: 'APP', is_spoke: true, rtt: '1ms' }],
    })
    .onPods('app=nats-broker', ['nats-broker-0'])
    .onPods('app=nats-leaf', ['nats-leaf-0'])
    .onPods('app=subscriber', ['subscriber-1'])
    .onLogs('Message #7 - Published at 2026-11-24 18:00:00 UTC');
  return ports;
};

const notPassed = (results: CheckResult[]): string[] =>
  results.filter(({ verdict }) => verdict.state !== 'pass').map(({ id, verdict }) => `${verdict.state} ${id}`);

let ports: FakePorts;
beforeEach(async () => {
  ports = await provisioned();
});

test('finds every claim true on a healthy topology, and closes what it opened', async () => {
  const { results } = await new Attempt(ports).run('runChecks', { topology });
  expect(notPassed(results)).toEqual([]);
  expect(results.length).toBeGreaterThan(15);
  expect([ports.hosts.tunnelsOpen, ports.nats.open]).toEqual([0, 0]);
});

test('dials the broker from the host of a leaf, at the external port', async () => {
  await attempt(ports, 'runChecks', { topology });
  expect(ports.hosts.tunnels.sort()).toEqual([
    'vm-a → 10.43.0.9:7422',
    'vm-b → 10.43.0.9:4222',
    'vm-b → 192.0.2.10:30422',
  ]);
});

test('proves no refusal where the broker is not reached at all', async () => {
  ports = await provisioned(new Error('connect ECONNREFUSED 127.0.0.1:40001'));
  const { results } = await attempt(ports, 'runChecks', { topology });
  expect(notPassed(results)).toEqual([
    'fail broker-accepts-probe',
    'fail leaf-accepts-probe',
    'skip message-broker-to-leaf',
    'skip message-leaf-to-broker',
    'skip refuses-no-certificate',
    'skip refuses-foreign-ca',
    'skip refuses-subscriber-publishing',
    'skip refuses-plaintext',
  ]);
});

test.each([
  ['lets the publisher in as a leaf node', 'INFO {}\r\nPING\r\nPONG\r\n', { because: 'it was let in' }],
  ['says nothing to it', '', { because: 'the broker was not reached', saw: 'closed without an answer' }],
])('takes it for a fault when the broker %s', async (_behaviour, answer, fault) => {
  ports.nats.leafAnswer = answer;
  const { results } = await attempt(ports, 'runChecks', { topology });
  expect(results.find(({ id }) => id === 'refuses-publisher-as-leaf')?.verdict).toEqual({ state: 'fail', ...fault });
});

test('asks nothing of a cluster whose K3s does not run, and says so', async () => {
  ports = await provisioned();
  ports.kubernetes.onGet('/readyz', 500, '[-]etcd failed\nmore');
  const { results } = await attempt(ports, 'runChecks', { topology });
  expect(results[0]?.verdict).toEqual({
    state: 'fail',
    because: 'a rung of the readiness ladder is not reached',
    saw: '/readyz: 500 [-]etcd failed',
  });
  expect(notPassed(results)).toContain('skip broker-accepts-probe');
});
