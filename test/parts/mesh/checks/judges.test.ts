import { expect, test } from '@jest/globals';
import { hubScope } from '../../../../src/contract/topology/scope.js';
import type { LinkerdFindings } from '../../../../src/domain/linkerd/check-output.js';
import type { ProxyConnection } from '../../../../src/domain/multicluster/connections.js';
import type { MeshPod } from '../../../../src/parts/mesh/checks/mesh-pods.js';
import { gateway } from '../../../../src/parts/mesh/gateway.js';
import { link } from '../../../../src/parts/mesh/link/link.js';
import { linkerd } from '../../../../src/parts/mesh/linkerd.js';
import { mirrorController } from '../../../../src/parts/mesh/mirror-controller.js';
import type { Part } from '../../../../src/parts/part.js';
import { judged } from '../../../support/parts/parts.js';
import { firstLeaf } from '../../../support/parts/site.js';
import { meshMode, twoClusters } from '../../../support/topologies.js';

const topology = twoClusters(meshMode);
const hub = hubScope(topology);
const leaf = firstLeaf(topology);
const PAIR = 'cluster-a → cluster-b';
const GATEWAY = '192.0.2.10:30143';
const GATEWAY_ID = 'linkerd-gateway.linkerd-multicluster.serviceaccount.identity.linkerd.cluster.local';
const PUBLISHER_ID = 'default.nats-system.serviceaccount.identity.linkerd.cluster.local';
const LEAF_ID = 'nats-leaf-cluster-b.nats-system.serviceaccount.identity.linkerd.cluster.local';
const MIRROR = 'nats-broker-cluster-a.nats-system.svc.cluster.local:7422';
const ONE = 'a1b2'.repeat(16);
const TWO = 'c3d4'.repeat(16);

test.each([
  { part: gateway, scope: hub },
  { part: mirrorController, scope: leaf },
])('the part "$part.name" states that the local mirror is available, and does not wait for it', ({ part, scope }) => {
  const stated = (part.checks?.(scope) ?? []).map(({ id, confirms }) => [id, confirms !== undefined]);
  expect(stated).toContainEqual(['local-mirror-available', false]);
});

test.each<[id: string, part: Part, missing: { saw: string }[], verdict: string]>([
  ['control-plane-available@cluster-a', linkerd, [], 'pass'],
  [
    'control-plane-available@cluster-a',
    linkerd,
    [{ saw: 'linkerd-identity: it starts' }],
    'fail: linkerd-identity: it starts',
  ],
  ['gateway-available@cluster-a', gateway, [], 'pass'],
  [
    'gateway-available@cluster-a',
    gateway,
    [{ saw: 'linkerd-gateway: it starts' }, { saw: 'b' }],
    'fail: linkerd-gateway: it starts',
  ],
])('%s judges what is missing: %j', (key, part, missing, verdict) => {
  expect(judged(part, hub, key, missing)).toBe(verdict);
});

test.each<[injected: number, verdict: string]>([
  [3, 'pass: 3 dry runs'],
  [0, 'fail: dry run 1 of 3 made a pod without the proxy'],
  [2, 'fail: dry run 3 of 3 made a pod without the proxy'],
])('after %i injected pods in a row the injector: %s', (injected, verdict) => {
  expect(judged(linkerd, hub, 'injector-injects@cluster-a', injected)).toBe(verdict);
});

const HEALTHY: LinkerdFindings = { errors: [], warnings: [] };
const NO_PODS = 'control plane pods are ready: No running pods for "linkerd-destination"';

test.each<[behaviour: string, seen: LinkerdFindings, verdict: string]>([
  ['passes without findings', HEALTHY, 'pass'],
  ['passes with a warning, and tells it', { ...HEALTHY, warnings: ['a: expires soon'] }, 'pass: a: expires soon'],
  ['fails with the only error', { ...HEALTHY, errors: [NO_PODS] }, `fail: ${NO_PODS}`],
  [
    'fails with all errors and no warning',
    { errors: [NO_PODS, 'a: b', 'c: d'], warnings: ['e: f'] },
    `fail: ${NO_PODS} | a: b; c: d`,
  ],
])("Linkerd's own check %s", (_behaviour, seen, verdict) => {
  expect(judged(linkerd, hub, 'linkerd-healthy@cluster-a', seen)).toBe(verdict);
  expect(judged(link, leaf, 'link-healthy@cluster-b', seen)).toBe(verdict);
});

const releases = {
  cli: 'edge-26.8.3',
  controlPlane: 'edge-26.8.3',
  dataPlane: ['edge-26.8.3'],
  kubernetes: 'v1.36.3+k3s1',
  gatewayApi: 'v1.5.1',
};

test.each([
  ['releases that fit', {}, 'pass: edge-26.8.3, Kubernetes v1.36.3+k3s1, Gateway API v1.5.1'],
  [
    'releases that do not',
    { cli: '', gatewayApi: 'v1.6.0' },
    'fail: the linkerd command is not there; the topology asks for edge-26.8.3 | the Gateway API is v1.6.0',
  ],
  ['one that does not', { gatewayApi: 'v1.6.0' }, 'fail: the Gateway API is v1.6.0'],
])('%s', (_releases, changes, verdict) => {
  expect(judged(linkerd, hub, 'linkerd-versions-fit@cluster-a', { ...releases, ...changes })).toBe(verdict);
});

const pod = (name: string, changes: Partial<MeshPod> = {}): MeshPod => ({
  ...{ name, meshed: true, ready: true, trustRoot: ONE, annotations: {} },
  ...changes,
});
const bare = { meshed: false };
const waiting = { ready: false };

test.each<[behaviour: string, pods: MeshPod[], verdict: string]>([
  ['passes with the number of pods', [pod('nats-broker-0'), pod('publisher-1')], 'pass: 2 pods'],
  ['fails without a pod', [], 'fail: there is no NATS pod'],
  [
    'names the bare pods',
    [pod('nats-broker-0', bare), pod('publisher-1'), pod('publisher-2', bare)],
    'fail: pods run without the proxy: nats-broker-0, publisher-2',
  ],
  [
    'names the pods that are not Ready',
    [pod('nats-broker-0'), pod('publisher-1', waiting)],
    'fail: pods are not Ready: publisher-1',
  ],
  [
    'tells of the proxy first, without which no readiness counts',
    [pod('nats-broker-0', { ...bare, ...waiting }), pod('publisher-1', waiting)],
    'fail: pods run without the proxy: nats-broker-0',
  ],
])('pods-meshed %s', (_behaviour, pods, verdict) => {
  expect(judged(linkerd, hub, 'pods-meshed@cluster-a', pods)).toBe(verdict);
});

const alive = { clusterName: 'cluster-a', alive: true, numberOfServices: 1, latency: 3 };

test.each<[id: string, facts: unknown, verdict: string]>([
  ['gateway-reachable', 'open', 'pass'],
  ['gateway-reachable', 'filtered', `fail: no response from ${GATEWAY}`],
  ['gateway-reachable', 'refused', `fail: nothing listens at ${GATEWAY}`],
  ['gateway-alive', [alive], 'pass: 3 ms'],
  ['gateway-alive', [{ clusterName: 'cluster-a', alive: true }], 'pass'],
  ['gateway-alive', [{ ...alive, alive: false }], 'fail: no response from 192.0.2.10:30191'],
  ['gateway-alive', [{ ...alive, clusterName: 'cluster-z' }], 'fail: there is no link to cluster-a'],
  ['gateway-alive', [], 'fail: there is no link to cluster-a'],
  ['trust-anchor-shared', [[ONE], [ONE]], 'pass: a1b2a1b2a1b2a1b2'],
  ['trust-anchor-shared', [[ONE], [TWO]], `fail: the clusters trust different anchors | ${ONE}, ${TWO}`],
  ['trust-anchor-shared', [[ONE, TWO], [ONE]], `fail: the clusters trust different anchors | ${ONE}, ${TWO}`],
  ['trust-anchor-shared', [[ONE], ['none']], `fail: a proxy does not report its anchor | ${ONE}, none`],
  ['trust-anchor-shared', [['none'], ['none']], 'fail: a proxy does not report its anchor | none'],
  ['trust-anchor-shared', [[], [ONE]], 'fail: there is no NATS pod to compare'],
])('%s judges %j', (id, facts, verdict) => {
  expect(judged(link, leaf, `${id}@${PAIR}`, facts)).toBe(verdict);
});

const mirrored = { missing: undefined, endpoints: [GATEWAY], clusterIp: '10.53.7.7' };

test.each<[mirror: string, seen: object, verdict: string]>([
  ['leads to the gateway', mirrored, `pass: ${GATEWAY}`],
  ['is not there', { ...mirrored, missing: 'there is no Link' }, 'fail: there is no Link'],
  [
    'also leads elsewhere',
    { ...mirrored, endpoints: [GATEWAY, '192.0.2.99:4143'] },
    `fail: the mirrored Service leads to 192.0.2.99:4143, not to ${GATEWAY}`,
  ],
])('a mirrored Service that %s', (_mirror, seen, verdict) => {
  expect(judged(mirrorController, leaf, `service-mirrored@${PAIR}`, seen)).toBe(verdict);
});

const dials = (...dialled: string[]): object => ({ dialled, mirror: mirrored });

test.each<[dialled: string, facts: object, verdict: string]>([
  ['the mirror’s ClusterIP', dials('10.53.7.7:7422'), 'pass: 10.53.7.7:7422'],
  ['the mirror’s among others', dials('192.0.2.1:7422', '10.53.7.7:7422'), 'pass: 10.53.7.7:7422'],
  ['nothing', dials(), 'fail: the link does not go to 10.53.7.7:7422 | no link'],
  ['the broker’s host', dials('192.0.2.10:30722'), 'fail: the link does not go to 10.53.7.7:7422 | 192.0.2.10:30722'],
  ['the mirror’s other port', dials('10.53.7.7:4222'), 'fail: the link does not go to 10.53.7.7:7422 | 10.53.7.7:4222'],
  [
    'a mirror that has no address',
    { dialled: ['?:?'], mirror: { ...mirrored, clusterIp: undefined } },
    'fail: the link does not go to none:7422 | ?:?',
  ],
])('leaf-dials-mirror judges a leaf node that dials %s', (_dialled, facts, verdict) => {
  expect(judged(link, leaf, 'leaf-dials-mirror@cluster-b', facts)).toBe(verdict);
});

const anonymous: ProxyConnection = { direction: 'inbound', peer: 'src', target: '10.42.0.9:7422', tls: false, open: 1 };
const inbound: ProxyConnection = { ...anonymous, tls: true, clientId: GATEWAY_ID };
const client = { ...inbound, target: '10.42.0.9:4222', clientId: PUBLISHER_ID };
const NONE = "fail: the broker's proxy has no connection on 7422";
const UNLINKED = 'pass: no leaf node is linked';
const BYPASS = 'fail: a connection to the broker does not come from the gateway';

test.each<[connection: string, seen: ProxyConnection[], ofHub: string, ofLeaf: string]>([
  ['the gateway’s', [inbound, client], `pass: ${GATEWAY_ID}`, `pass: ${GATEWAY_ID}`],
  ['none', [], UNLINKED, NONE],
  ['a client’s only', [client], UNLINKED, NONE],
  ['one that was closed', [{ ...inbound, open: 0 }], UNLINKED, NONE],
  ['its own to the port', [{ ...inbound, direction: 'outbound' }], UNLINKED, NONE],
  ['one to a port that only ends alike', [{ ...inbound, target: '10.42.0.9:17422' }], UNLINKED, NONE],
  [
    'a leaf’s directly',
    [inbound, { ...inbound, clientId: LEAF_ID }],
    `${BYPASS} | ${LEAF_ID}`,
    `${BYPASS} | ${LEAF_ID}`,
  ],
  ['one in plain text', [inbound, anonymous], `${BYPASS} | no identity`, `${BYPASS} | no identity`],
  [
    'one whose identity no TLS proves',
    [{ ...inbound, tls: false }],
    `${BYPASS} | ${GATEWAY_ID}`,
    `${BYPASS} | ${GATEWAY_ID}`,
  ],
])(
  'of the broker’s connections, the hub judges %s without waiting for leaves, the leaf wants one',
  (_name, seen, ofHub, ofLeaf) => {
    expect(judged(gateway, hub, 'broker-behind-gateway@cluster-a', seen)).toBe(ofHub);
    expect(judged(link, leaf, `broker-behind-gateway@${PAIR}`, seen)).toBe(ofLeaf);
  },
);

const plain: ProxyConnection = {
  ...{ direction: 'outbound', peer: 'dst', authority: MIRROR, target: GATEWAY },
  ...{ tls: false, open: 1 },
};
const outbound: ProxyConnection = { ...plain, tls: true, serverId: GATEWAY_ID };
const NO_PATH = `fail: the leaf node's proxy has no connection to ${MIRROR}`;
const NOT_SAFE = 'fail: a connection of the leaf node does not go to the gateway by mutual TLS';

test.each<[connection: string, seen: ProxyConnection[], verdict: string]>([
  ['for the gateway', [outbound], `pass: ${LEAF_ID} → ${GATEWAY_ID}`],
  ['none', [], NO_PATH],
  ['one to another Service', [{ ...outbound, authority: 'other.nats-system.svc.cluster.local:7422' }], NO_PATH],
  ['one that was closed', [{ ...outbound, open: 0 }], NO_PATH],
  ['an incoming one', [{ ...outbound, direction: 'inbound' }], NO_PATH],
  ['without TLS', [{ ...outbound, tls: false }], `${NOT_SAFE} | ${GATEWAY} ${GATEWAY_ID}`],
  ['without an identity', [plain], `${NOT_SAFE} | ${GATEWAY} no identity`],
  ['for another server', [{ ...outbound, serverId: PUBLISHER_ID }], `${NOT_SAFE} | ${GATEWAY} ${PUBLISHER_ID}`],
  ['for another address', [{ ...outbound, target: '192.0.2.99:4143' }], `${NOT_SAFE} | 192.0.2.99:4143 ${GATEWAY_ID}`],
  ['a bad one beside a good one', [outbound, plain], `${NOT_SAFE} | ${GATEWAY} no identity`],
])('leaf-path-encrypted judges a proxy with the connection: %s', (_connection, seen, verdict) => {
  expect(judged(link, leaf, 'leaf-path-encrypted@cluster-b', seen)).toBe(verdict);
});
