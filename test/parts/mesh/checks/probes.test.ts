import { beforeEach, expect, test } from '@jest/globals';
import { hubScope, type Scope } from '../../../../src/contract/topology/scope.js';
import { reachScript } from '../../../../src/domain/hosts/reach.js';
import {
  controlPlaneCheckScript,
  gatewaysScript,
  multiclusterCheckScript,
} from '../../../../src/domain/linkerd/check-output.js';
import { linkerdVersionScript } from '../../../../src/domain/linkerd/render.js';
import { linkRefs } from '../../../../src/domain/multicluster/link.js';
import { gateway } from '../../../../src/parts/mesh/gateway.js';
import { link } from '../../../../src/parts/mesh/link/link.js';
import { linkerd } from '../../../../src/parts/mesh/linkerd.js';
import { mirrorController } from '../../../../src/parts/mesh/mirror-controller.js';
import type { Part } from '../../../../src/parts/part.js';
import { MeshCluster } from '../../../support/fakes/mesh-cluster.js';
import { fakePorts, type FakePorts } from '../../../support/fakes/ports.js';
import { meshedPod } from '../../../support/parts/mesh-pods.js';
import { checkOf } from '../../../support/parts/parts.js';
import { firstLeaf, siteOf } from '../../../support/parts/site.js';
import { meshMode, twoClusters } from '../../../support/topologies.js';

const topology = twoClusters(meshMode);
const hub = hubScope(topology);
const leaf = firstLeaf(topology);
const PAIR = 'cluster-a → cluster-b';
const VERSION = 'edge-26.8.3';

let cluster: MeshCluster;
let ports: FakePorts;
beforeEach(() => {
  cluster = new MeshCluster();
  ports = fakePorts({ kubernetes: cluster });
});

const probe = (part: Part, scope: Scope, key: string): Promise<unknown> =>
  checkOf(part, scope, key).probe(siteOf(ports, scope));

const others = [
  meshedPod('nats-broker-1', { deleted: true, annotations: { 'linkerd.io/proxy-version': 'edge-26.7.1' } }),
  meshedPod('leafspan-dial-unmeshed', { app: 'leafspan-dial', containers: [], annotations: {} }),
  meshedPod('elsewhere', { namespace: 'default', annotations: { 'linkerd.io/proxy-version': 'edge-26.6.2' } }),
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
  ports.hosts.on(linkerdVersionScript, `${VERSION}\n`);
  cluster.onGet('/version', 200, { gitVersion: 'v1.36.3+k3s1' });
  cluster.put(destination(`mirror.example:5000/l5d/proxy:edge-1`, `mirror.example:5000/l5d/controller:${VERSION}`));
  cluster.put(gatewayApi);
  const older = meshedPod('publisher-1', { annotations: { 'linkerd.io/proxy-version': 'edge-26.7.2' } });
  cluster.running = [meshedPod('nats-broker-0'), meshedPod('b'), older, meshedPod('c', { annotations: {} }), ...others];
  expect(await probe(linkerd, hub, 'linkerd-versions-fit@cluster-a')).toEqual({
    cli: VERSION,
    controlPlane: VERSION,
    dataPlane: [VERSION, 'edge-26.7.2'],
    kubernetes: 'v1.36.3+k3s1',
    gatewayApi: 'v1.5.1',
  });
});

test('releases of what is not there are empty', async () => {
  ports.hosts.on(linkerdVersionScript, '');
  cluster.onGet('/version', 200, {});
  const nothing = { cli: '', controlPlane: '', dataPlane: [], kubernetes: '', gatewayApi: undefined };
  expect(await probe(linkerd, hub, 'linkerd-versions-fit@cluster-a')).toEqual(nothing);
});

test('pods of NATS are told without those that end and those that dial', async () => {
  const bare = { containers: ['linkerd-init'], annotations: {}, ready: 'False' };
  cluster.running = [meshedPod('nats-broker-0'), meshedPod('publisher-1', { app: 'publisher', ...bare }), ...others];
  expect(await probe(linkerd, hub, 'pods-meshed@cluster-a')).toMatchObject([
    { name: 'nats-broker-0', meshed: true, ready: true, trustRoot: 'a1b2' },
    { name: 'publisher-1', meshed: false, ready: false, trustRoot: undefined },
  ]);
});

test('the anchors are asked of the pods of both clusters, each once', async () => {
  cluster.running = [meshedPod('a'), meshedPod('b'), meshedPod('c', { annotations: {} })];
  expect(await probe(link, leaf, `trust-anchor-shared@${PAIR}`)).toEqual([
    ['a1b2', 'none'],
    ['a1b2', 'none'],
  ]);
  expect(cluster.asked.sort()).toEqual(['vm-a', 'vm-b']);
});

const mirrorObject = (kind: string, rest: object) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'nats-broker-cluster-a', namespace: 'nats-system' },
  ...rest,
});
const [LINK] = linkRefs('cluster-a');
const mirrored = {
  mirrorServices: [{ remoteRef: { name: 'nats-broker' }, conditions: [{ type: 'Mirrored', status: 'True' }] }],
};
const endpointPorts = [
  { name: 'leaf', port: 4143 },
  { name: 'client', port: 4144 },
];

test('the mirror is told with every endpoint and with the address that pods dial', async () => {
  const subsets = [
    { addresses: [{ ip: '192.0.2.10' }, { ip: '192.0.2.11' }], ports: endpointPorts },
    { notReadyAddresses: [{ ip: '192.0.2.12' }], ports: endpointPorts },
  ];
  cluster.put({ ...(LINK as NonNullable<typeof LINK>), status: mirrored });
  cluster.put(mirrorObject('Service', {})).put(mirrorObject('Endpoints', { subsets }));
  expect(await probe(mirrorController, leaf, `service-mirrored@${PAIR}`)).toEqual({
    missing: undefined,
    endpoints: ['192.0.2.10:4143', '192.0.2.10:4144', '192.0.2.11:4143', '192.0.2.11:4144'],
    clusterIp: '10.43.0.9',
  });
});

test('a mirror that is not there is told by what is missing', async () => {
  expect(await probe(mirrorController, leaf, `service-mirrored@${PAIR}`)).toEqual({
    missing: 'there is no Link',
    endpoints: [],
    clusterIp: undefined,
  });
});

const LEAFZ = '/api/v1/namespaces/nats-system/pods/https:nats-leaf-0:8222/proxy/leafz';

test('only the links that the leaf node itself dialled count', async () => {
  const leafs = [
    { is_spoke: true, name: 'broker-cluster-a', ip: '10.53.7.7', port: 7422 },
    { is_spoke: false, name: 'other', ip: '192.0.2.9', port: 7422 },
    { is_spoke: true, name: 'broker-cluster-a' },
  ];
  cluster.onGet(LEAFZ, 200, { leafs });
  expect(await probe(link, leaf, 'leaf-dials-mirror@cluster-b')).toMatchObject({
    dialled: ['10.53.7.7:7422', '?:?'],
    mirror: { missing: 'there is no Link' },
  });
});

test('a leaf node that does not respond is an error, not a leaf node without a link', async () => {
  cluster.onGet(LEAFZ, 503, '');
  await expect(probe(link, leaf, 'leaf-dials-mirror@cluster-b')).rejects.toThrow(
    'the NATS server on cluster-b does not respond: status 503',
  );
});

const metricsOf = (name: string): string => `/api/v1/namespaces/nats-system/pods/${name}:4191/proxy/metrics`;
const METRICS = 'tcp_open_connections{direction="inbound",target_addr="10.42.0.9:7422"} 1\n';
const CONNECTIONS = [{ direction: 'inbound', peer: '', target: '10.42.0.9:7422', tls: false, open: 1 }];

test.each<[key: string, part: Part, scope: Scope, server: string, host: string]>([
  ['broker-behind-gateway@cluster-a', gateway, hub, 'nats-broker-0', 'vm-a'],
  [`broker-behind-gateway@${PAIR}`, link, leaf, 'nats-broker-0', 'vm-a'],
  ['leaf-path-encrypted@cluster-b', link, leaf, 'nats-leaf-0', 'vm-b'],
])('%s reads the metrics of the right proxy', async (key, part, scope, server, host) => {
  cluster.onGet(metricsOf(server), 200, METRICS);
  expect(await probe(part, scope, key)).toEqual(CONNECTIONS);
  expect(cluster.asked).toEqual([host]);
});

test('metrics that the API server does not get are an error, not a proxy without connections', async () => {
  cluster.onGet(metricsOf('nats-leaf-0'), 503, 'no endpoints available');
  await expect(probe(link, leaf, 'leaf-path-encrypted@cluster-b')).rejects.toThrow(
    'the proxy of nats-leaf-0 does not respond: status 503',
  );
});

const printed = (categoryName: string, error: string): string =>
  JSON.stringify({
    success: false,
    categories: [{ categoryName, checks: [{ description: 'it', result: 'error', error }] }],
  });

test('what the linkerd command finds is read although it exits with 1, each check its own part of it', async () => {
  const both = printed('linkerd-existence', 'one') + printed('linkerd-multicluster', 'two');
  const failing = { code: 1, stdout: both };
  ports.hosts.on(controlPlaneCheckScript(VERSION), failing).on(multiclusterCheckScript, failing);
  expect(await probe(linkerd, hub, 'linkerd-healthy@cluster-a')).toEqual({ errors: ['it: one'], warnings: [] });
  expect(await probe(link, leaf, 'link-healthy@cluster-b')).toEqual({ errors: ['it: two'], warnings: [] });
  expect(ports.hosts.options.map(({ okCodes }) => okCodes)).toEqual([[1], [1]]);
});

test('the leaf’s host reaches for the gateway, and its command lists gateways', async () => {
  ports.hosts.on(reachScript({ address: '192.0.2.10', port: 30_143 }), 'reach=192.0.2.10 30143 open\n');
  ports.hosts.on(gatewaysScript, '[{"clusterName":"cluster-a","alive":true}]');
  expect(await probe(link, leaf, `gateway-reachable@${PAIR}`)).toBe('open');
  expect(await probe(link, leaf, `gateway-alive@${PAIR}`)).toEqual([{ clusterName: 'cluster-a', alive: true }]);
});
