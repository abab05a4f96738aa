import type { V1Pod } from '@kubernetes/client-node';
import { beforeEach, expect, test } from '@jest/globals';
import { meshWorld } from '../../src/activities/mesh-world.js';
import { ProvisionError } from '../../src/contract/errors.js';
import type { MeshWorld } from '../../src/domain/checks/world.js';
import { linkRefs } from '../../src/domain/multicluster/link.js';
import { linkerdVersionScript } from '../../src/domain/linkerd/render.js';
import { failureOf } from '../support/errors.js';
import { FakeClock } from '../support/fakes/clock.js';
import { FakeHosts } from '../support/fakes/hosts.js';
import { MeshCluster } from '../support/fakes/mesh-cluster.js';
import { meshMode, twoClusters } from '../support/topologies.js';

const VERSION = 'edge-26.8.3';

let hosts: FakeHosts;
let cluster: MeshCluster;
let clock: FakeClock;
let world: MeshWorld;
beforeEach(() => {
  hosts = new FakeHosts();
  cluster = new MeshCluster();
  clock = new FakeClock();
  const { signal } = new AbortController();
  world = meshWorld({ hosts, kubernetes: cluster, clock }, twoClusters(meshMode), signal);
});

interface PodChanges {
  app?: string;
  namespace?: string;
  deleted?: boolean;
  ready?: string;
  containers?: string[];
  annotations?: Record<string, string>;
}

/** As the injector leaves it. */
const pod = (name: string, changes: PodChanges = {}): V1Pod => {
  const { app = 'nats-broker', namespace = 'nats-system', ready = 'True', containers = ['linkerd-proxy'] } = changes;
  const annotations = { 'linkerd.io/proxy-version': VERSION, 'linkerd.io/trust-root-sha256': 'a1b2' };
  return JSON.parse(
    JSON.stringify({
      metadata: {
        name,
        namespace,
        labels: { app },
        annotations: changes.annotations ?? annotations,
        deletionTimestamp: changes.deleted === true ? '2026-11-24T16:00:00Z' : undefined,
      },
      spec: { initContainers: containers.map((each) => ({ name: each })), containers: [{ name: 'nats' }] },
      status: { conditions: [{ type: 'Ready', status: ready }] },
    }),
    (key, value: unknown) => (key === 'deletionTimestamp' ? new Date(String(value)) : value),
  ) as V1Pod;
};

const others = [
  pod('nats-broker-1', { deleted: true, annotations: { 'linkerd.io/proxy-version': 'edge-26.7.1' } }),
  pod('leafspan-dial-unmeshed', { app: 'leafspan-dial', containers: [], annotations: {} }),
  pod('elsewhere', { namespace: 'default', annotations: { 'linkerd.io/proxy-version': 'edge-26.6.2' } }),
];

const destination = (...images: string[]) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'linkerd-destination', namespace: 'linkerd' },
  spec: { template: { spec: { containers: images.map((image) => ({ image })) } } },
});
const gatewayApi = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: 'httproutes.gateway.networking.k8s.io',
    annotations: { 'gateway.networking.k8s.io/bundle-version': 'v1.5.1' },
  },
};

test('the releases are those of the command, the controller, the proxies, the API server and the CRDs', async () => {
  hosts.on(linkerdVersionScript, `${VERSION}\n`);
  cluster.onGet('/version', 200, { gitVersion: 'v1.36.3+k3s1' });
  cluster.put(destination(`mirror.example:5000/l5d/proxy:edge-1`, `mirror.example:5000/l5d/controller:${VERSION}`));
  cluster.put(gatewayApi);
  const older = pod('publisher-1', { annotations: { 'linkerd.io/proxy-version': 'edge-26.7.2' } });
  cluster.running = [pod('nats-broker-0'), pod('nats-broker-2'), older, pod('bare', { annotations: {} }), ...others];
  expect(await world.meshVersions('cluster-a')).toEqual({
    cli: VERSION,
    controlPlane: VERSION,
    dataPlane: [VERSION, 'edge-26.7.2'],
    kubernetes: 'v1.36.3+k3s1',
    gatewayApi: 'v1.5.1',
  });
});

test('releases of what is not there are empty', async () => {
  hosts.on(linkerdVersionScript, '');
  cluster.onGet('/version', 200, {});
  const nothing = { cli: '', controlPlane: '', dataPlane: [], kubernetes: '', gatewayApi: undefined };
  expect(await world.meshVersions('cluster-a')).toEqual(nothing);
});

test('pods of NATS are told without those that are ending and those that dial', async () => {
  const bare = { containers: ['linkerd-init'], annotations: {}, ready: 'False' };
  cluster.running = [pod('nats-broker-0'), pod('publisher-1', { app: 'publisher', ...bare }), ...others];
  expect(await world.meshPods('cluster-a')).toEqual([
    { name: 'nats-broker-0', meshed: true, ready: true, trustRoot: 'a1b2' },
    { name: 'publisher-1', meshed: false, ready: false, trustRoot: undefined },
  ]);
});

const mirrorObject = (kind: string, rest: object) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'nats-broker-cluster-a', namespace: 'nats-system' },
  ...rest,
});
const [LINK] = linkRefs('cluster-a');
const link = (status: object) => ({ ...(LINK as NonNullable<typeof LINK>), status });
const mirrored = {
  mirrorServices: [{ remoteRef: { name: 'nats-broker' }, conditions: [{ type: 'Mirrored', status: 'True' }] }],
};
const ports = [
  { name: 'leaf', port: 4143 },
  { name: 'client', port: 4144 },
];

test('the mirror is told with every endpoint and with the address that pods dial', async () => {
  const subsets = [
    { addresses: [{ ip: '192.0.2.10' }, { ip: '192.0.2.11' }], ports },
    { notReadyAddresses: [{ ip: '192.0.2.12' }], ports },
  ];
  cluster.put(link(mirrored)).put(mirrorObject('Service', {})).put(mirrorObject('Endpoints', { subsets }));
  expect(await world.mirror('cluster-b')).toEqual({
    lacking: undefined,
    endpoints: ['192.0.2.10:4143', '192.0.2.10:4144', '192.0.2.11:4143', '192.0.2.11:4144'],
    clusterIp: '10.43.0.9',
  });
});

test('a mirror that is not there is told by what is lacking', async () => {
  expect(await world.mirror('cluster-b')).toEqual({
    lacking: 'there is no Link',
    endpoints: [],
    clusterIp: undefined,
  });
});

const metricsOf = (name: string): string => `/api/v1/namespaces/nats-system/pods/${name}:4191/proxy/metrics`;

test.each([
  ['cluster-a', 'nats-broker-0', 'vm-a'],
  ['cluster-b', 'nats-leaf-0', 'vm-b'],
])('the connections of %s are those of the proxy beside %s', async (name, server, host) => {
  cluster.onGet(metricsOf(server), 200, 'tcp_open_connections{direction="inbound",target_addr="10.42.0.9:7422"} 1\n');
  expect(await world.proxyConnections(name)).toEqual([
    { direction: 'inbound', peer: '', target: '10.42.0.9:7422', tls: false, open: 1 },
  ]);
  expect(cluster.asked).toEqual([host]);
});

test('metrics that the API server does not get are an error, not a proxy without connections', async () => {
  cluster.onGet(metricsOf('nats-leaf-0'), 503, 'no endpoints available');
  await expect(world.proxyConnections('cluster-b')).rejects.toThrow(
    'the metrics of the proxy of nats-leaf-0 answered 503',
  );
});

const noLog = new ProvisionError('KUBE_API_FAILED', 'container "dial" is waiting to start');
const LIFE = ['applied Pod/leafspan-dial-unmeshed', 'removed Pod/leafspan-dial-unmeshed'];

test('a dial makes its pod, reads what it heard before the pod has ended, and removes it', async () => {
  cluster.phases = ['Pending', 'Running'];
  cluster.logs = ['a warning\n', 'heard=Terminated\n'];
  expect(await world.dialMirror('cluster-b', 'unmeshed')).toBe('Terminated');
  expect(cluster.changes).toEqual(LIFE);
  expect(cluster.names()).toEqual([]);
});

test.each([
  ['meshed', 'enabled'],
  ['unmeshed', 'disabled'],
] as const)('the pod of a %s dial is of the image of the topology', async (as, inject) => {
  const applied: unknown[] = [];
  const apply = cluster.apply.bind(cluster);
  cluster.apply = (objects) => apply(objects).finally(() => applied.push(...objects));
  cluster.phases = ['Succeeded'];
  cluster.logs = ['heard=\n'];
  expect(await world.dialMirror('cluster-b', as)).toBe('');
  expect(applied).toMatchObject([
    {
      metadata: { name: `leafspan-dial-${as}`, annotations: { 'linkerd.io/inject': inject } },
      spec: { containers: [{ image: 'natsio/nats-box:0.19.7' }] },
    },
  ]);
});

test('a dial pod whose container has no log yet is waited for', async () => {
  cluster.phases = ['Running'];
  cluster.logs = [noLog, noLog, 'heard=\n'];
  expect(await world.dialMirror('cluster-b', 'unmeshed')).toBe('');
  expect(cluster.changes).toEqual(LIFE);
});

test.each(['Succeeded', 'Failed'])('a dial pod that is %s without a word heard nothing to judge', async (phase) => {
  cluster.phases = ['Running', phase];
  cluster.logs = [''];
  expect(await world.dialMirror('cluster-b', 'unmeshed')).toBeUndefined();
  expect(cluster.changes).toEqual(LIFE);
});

test('a dial pod that never starts is removed when the time is up', async () => {
  cluster.phases = ['Pending'];
  const began = clock.now();
  const { message } = await failureOf(world.dialMirror('cluster-b', 'unmeshed'));
  expect(message).toBe('not ready within 60 s, last: leafspan-dial-unmeshed is Pending');
  expect(clock.now() - began).toBe(60_000);
  expect(cluster.changes).toEqual(LIFE);
});

test.each<[what: string, phases: (string | Error)[], logs: Error[]]>([
  ['its pod', [new Error('lost')], []],
  ['its log, by another fault than that there is none', ['Running'], [new Error('lost')]],
])('a dial that cannot read %s fails, and its pod is removed', async (_what, phases, logs) => {
  cluster.phases = phases;
  cluster.logs = logs;
  await expect(world.dialMirror('cluster-b', 'unmeshed')).rejects.toThrow('lost');
  expect(cluster.changes).toEqual(LIFE);
});

test('a pod that an earlier dial left behind is gone before the next one is made', async () => {
  cluster.leftover = 2;
  cluster.phases = ['Running'];
  cluster.logs = ['heard=\n'];
  await world.dialMirror('cluster-b', 'unmeshed');
  const leftover = 'removes a leftover leafspan-dial-unmeshed';
  expect(cluster.changes).toEqual([leftover, leftover, ...LIFE]);
});
