import { beforeEach, expect, test } from '@jest/globals';
import { serverOf } from '../../src/contract/topology.js';
import { failureOf } from '../support/errors.js';
import { FakeCluster } from '../support/fakes/kubernetes.js';
import { Attempt, attempt, fakePorts, type FakePorts } from '../support/fakes/ports.js';
import { multicluster, printed } from '../support/renders.js';
import { GATEWAY as gateway, twoClusters } from '../support/topologies.js';
import type { ManifestObject } from '../../src/domain/kubernetes/objects.js';

const topology = twoClusters();
const server = serverOf(topology.broker);
const leaf = serverOf(topology.leaves[0] ?? topology.broker);
const common = { version: topology.linkerd.version, gateway };
const NAMESPACE = 'linkerd-multicluster';

let ports: FakePorts;
beforeEach(() => {
  ports = fakePorts();
});

const [b, c] = ['link-cluster-b', 'link-cluster-c'] as const;
const both = multicluster([b, c], 'linkerd-gateway');
const onlyB = multicluster([b], 'linkerd-gateway');
const GATEWAY = { ...common, server, leaves: ['cluster-b', 'cluster-c'] };
const names = (objects: typeof both): string[] => objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);

test('ensureGateway renders and applies once', async () => {
  ports.hosts.on(/multicluster install/, printed(both));
  expect((await attempt(ports, 'ensureGateway', GATEWAY)).changed).toEqual(
    names(both).map((text) => `applied ${text} on cluster-a`),
  );
  ports.kubernetes.changes.length = 0;
  expect(await attempt(ports, 'ensureGateway', GATEWAY)).toEqual({ changed: [] });
  expect(ports.kubernetes.changes).toEqual([]);
  expect(ports.hosts.ran).toHaveLength(1);
});

test('ensureGateway takes away the account of a leaf that is no more, and nothing else', async () => {
  ports.hosts.on(/multicluster install/, printed(both), printed(onlyB));
  await attempt(ports, 'ensureGateway', GATEWAY);
  ports.kubernetes.changes.length = 0;

  const without = { ...GATEWAY, leaves: ['cluster-b'] };
  const { changed } = await attempt(ports, 'ensureGateway', without);
  const removed = ['ClusterRoleBinding/link-cluster-c', 'Secret/link-cluster-c-token', 'ServiceAccount/link-cluster-c'];
  expect(ports.kubernetes.changes.filter((change) => !change.includes('leafspan-inventory'))).toEqual(
    [...removed, 'ClusterRole/link-cluster-c'].map((text) => `removed ${text}`),
  );
  expect(changed).toEqual([...removed, 'ClusterRole/link-cluster-c'].map((text) => expect.stringContaining(text)));
  expect(ports.kubernetes.names().sort()).toEqual([...names(onlyB), 'ConfigMap/leafspan-inventory'].sort());
  expect(await attempt(ports, 'ensureGateway', without)).toEqual({ changed: [] });
});

test('ensureGateway leaves what others put into the namespace', async () => {
  ports.hosts.on(/multicluster install/, printed(both), printed(onlyB));
  const stranger = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'own', namespace: NAMESPACE } };
  ports.kubernetes.put(stranger);
  await attempt(ports, 'ensureGateway', GATEWAY);
  await attempt(ports, 'ensureGateway', { ...GATEWAY, leaves: ['cluster-b'] });
  expect(ports.kubernetes.names()).toContain('ConfigMap/own');
});

const MIRROR = { ...common, server: leaf, broker: 'cluster-a' };

test.each([
  ['ensureGateway', 'linkerd-gateway', GATEWAY],
  ['ensureGateway', 'linkerd-local-service-mirror', GATEWAY],
  ['ensureMirrorController', 'controller-cluster-a', MIRROR],
  ['ensureMirrorController', 'linkerd-local-service-mirror', MIRROR],
] as const)('%s waits for %s', async (activity, deployment, input) => {
  const rendered = multicluster([], 'linkerd-gateway', 'controller-cluster-a');
  ports.hosts.on(/multicluster install/, printed(rendered.filter(({ metadata }) => metadata.name !== deployment)));
  expect(await failureOf(attempt(ports, activity, input as never))).toMatchObject({
    type: 'NOT_READY',
    nonRetryable: false,
    message: expect.stringContaining(`last: ${deployment}: the Deployment is not there`),
  });
});

test('ensureMirrorController renders and applies once', async () => {
  ports.hosts.on(/multicluster install/, printed(multicluster([], 'controller-cluster-a')));
  expect((await attempt(ports, 'ensureMirrorController', MIRROR)).changed).toContain(
    'applied Deployment/controller-cluster-a on cluster-b',
  );
  expect(await attempt(ports, 'ensureMirrorController', MIRROR)).toEqual({ changed: [] });
  expect(ports.hosts.ran).toHaveLength(1);
});

const LINK = { ...common, server: leaf, broker: server };
const token = (data?: object) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'link-cluster-b-token', namespace: NAMESPACE },
  ...(data === undefined ? {} : { data }),
});
const issued = token({ token: btoa('the-token'), 'ca.crt': btoa('the-ca') });

/** An object of the leaf cluster as its API server shows it. */
const read = (apiVersion: string, kind: string, objectName: string, more: object = {}): ManifestObject =>
  JSON.parse(
    JSON.stringify({ apiVersion, kind, metadata: { name: objectName, namespace: NAMESPACE }, ...more }),
  ) as ManifestObject;

/** Clusters of their own, so that it shows what lies where. */
function twoApis() {
  const [brokerApi, leafApi] = [new FakeCluster(), new FakeCluster()];
  const cluster = (host: { cluster: string }) => Promise.resolve(host.cluster === 'cluster-a' ? brokerApi : leafApi);
  return { brokerApi, leafApi, apis: { ...ports, kubernetes: { cluster } } };
}

test('ensureLink takes the token from the broker cluster and applies the Link last, on the leaf cluster, once', async () => {
  const { brokerApi, leafApi, apis } = twoApis();
  brokerApi.put(issued);
  expect(await attempt(apis, 'ensureLink', LINK)).toEqual({
    changed: [
      'applied Secret/cluster-credentials-cluster-a on cluster-b',
      'applied Secret/cluster-credentials-cluster-a on cluster-b',
      'applied Link/cluster-a on cluster-b',
    ],
  });
  expect(brokerApi.changes).toEqual([]);
  leafApi.changes.length = 0;
  expect(await attempt(apis, 'ensureLink', LINK)).toEqual({ changed: [] });
  expect(leafApi.changes).toEqual([]);
});

test('ensureLink brings a new token when the account got one', async () => {
  const { brokerApi, apis } = twoApis();
  brokerApi.put(issued);
  await attempt(apis, 'ensureLink', LINK);
  brokerApi.put(token({ token: btoa('another'), 'ca.crt': btoa('the-ca') }));
  expect((await attempt(apis, 'ensureLink', LINK)).changed).toEqual(
    Array(2).fill('applied Secret/cluster-credentials-cluster-a on cluster-b'),
  );
});

test('ensureLink lets no mirror controller go on that knew the Link with another gateway', async () => {
  const { brokerApi, leafApi, apis } = twoApis();
  brokerApi.put(issued);
  const matchLabels = { component: 'controller' };
  leafApi
    .put(read('apps/v1', 'Deployment', 'controller-cluster-a', { spec: { selector: { matchLabels } } }))
    .put(read('v1', 'Pod', 'controller-cluster-a-x'))
    .onPods('component=controller', ['controller-cluster-a-x']);
  await attempt(apis, 'ensureLink', LINK);
  expect(leafApi.names()).toContain('Pod/controller-cluster-a-x');

  const other = { ...LINK, gateway: { exposure: 'loadBalancer', port: 14143, probePort: 14191 } as const };
  expect((await attempt(apis, 'ensureLink', other)).changed).toEqual([
    'applied Link/cluster-a on cluster-b',
    'restarted controller-cluster-a on cluster-b',
  ]);
  expect(leafApi.names()).not.toContain('Pod/controller-cluster-a-x');
});

test('ensureLink waits until Kubernetes has filled in the token', async () => {
  const { brokerApi, leafApi, apis } = twoApis();
  brokerApi.put(token());
  ports.clock.onSleep = () => void brokerApi.put(issued);
  const waiting = new Attempt(apis);
  await waiting.run('ensureLink', LINK);
  expect(waiting.heartbeats).toEqual(['Secret link-cluster-b-token has no token yet']);
  expect(leafApi.names()).toContain('Link/cluster-a');
});

const ref = { kind: 'Service', name: 'nats-broker', namespace: 'nats-system', group: 'core' };
const linked = (status: string, reason: string, message = '') => ({
  apiVersion: 'multicluster.linkerd.io/v1alpha3',
  kind: 'Link',
  metadata: { name: 'cluster-a', namespace: NAMESPACE },
  status: { mirrorServices: [{ remoteRef: ref, conditions: [{ type: 'Mirrored', status, reason, message }] }] },
});
const mirror = (kind: 'Service' | 'Endpoints', more: object = {}) => ({
  ...{ apiVersion: 'v1', kind, metadata: { name: 'nats-broker-cluster-a', namespace: 'nats-system' } },
  ...more,
});

test('awaitMirror waits for Link, Service and endpoint, says what it lacks, and changes nothing', async () => {
  const steps = [
    linked('False', 'MissingNamespace', 'Namespace does not exist'),
    linked('True', 'Mirrored'),
    mirror('Service'),
    mirror('Endpoints'),
    mirror('Endpoints', { subsets: [{ addresses: [{ ip: '192.0.2.10' }], ports: [{ port: 4143 }] }] }),
    mirror('Endpoints', { subsets: [{ addresses: [{ ip: '192.0.2.10' }], ports: [{ port: gateway.port }] }] }),
  ];
  ports.clock.onSleep = () => void ports.kubernetes.put(steps.shift() as never);
  const waiting = new Attempt(ports);
  expect(await waiting.run('awaitMirror', LINK)).toEqual({ changed: [] });
  expect(waiting.heartbeats).toEqual([
    'there is no Link',
    'the Link says MissingNamespace: Namespace does not exist',
    'the mirrored Service is not there',
    'the mirrored Service has no endpoint',
    'the mirrored Service has no endpoint',
    `the mirrored Service leads to 192.0.2.10:4143 and not to 192.0.2.10:${gateway.port}`,
  ]);
  expect(ports.kubernetes.changes).toEqual([]);
});

const nodes = (...items: object[]) => ports.kubernetes.onGet('/api/v1/nodes', 200, { items });
const node = (hostName: string, podCIDR?: string) => ({ metadata: { name: hostName }, spec: { podCIDR } });

test.each([
  ['broker', server, 'nats-broker', 5],
  ['leaf', leaf, 'nats-leaf', 3],
] as const)('ensureMeshPolicy closes the ports of the %s once', async (role, host, app, count) => {
  nodes(node(host.name, '10.42.0.0/24'));
  const first = await attempt(ports, 'ensureMeshPolicy', { server: host, role });
  expect(first.changed).toHaveLength(count);
  expect(first.changed).toContain(`applied Server/${app}-client on ${host.cluster}`);
  expect(ports.kubernetes.objects()).toContain(
    JSON.stringify([{ cidr: '10.42.0.1/32' }, { cidr: `${host.internalAddress}/32` }]),
  );
  expect(await attempt(ports, 'ensureMeshPolicy', { server: host, role })).toEqual({ changed: [] });
});

test('ensureMeshPolicy takes the range of an adopted node that has another name', async () => {
  nodes(node('ip-10-0-0-5', '10.42.7.0/24'));
  await attempt(ports, 'ensureMeshPolicy', { server, role: 'broker' });
  expect(ports.kubernetes.objects()).toContain('10.42.7.1/32');
});

test('ensureMeshPolicy waits for the range of the node’s pods and applies no rule without one', async () => {
  nodes(node('vm-a'));
  expect(await failureOf(attempt(ports, 'ensureMeshPolicy', { server, role: 'broker' }))).toMatchObject({
    type: 'NOT_READY',
    nonRetryable: false,
    message: expect.stringContaining('the node has no range for its pods'),
  });
  expect(ports.kubernetes.changes).toEqual([]);
});
