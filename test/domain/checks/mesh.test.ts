import { expect, test } from '@jest/globals';
import { keyOf } from '../../../src/domain/checks/check.js';
import type { CheckWorld, MeshPod } from '../../../src/domain/checks/world.js';
import type { ProxyConnection } from '../../../src/domain/multicluster/connections.js';
import { Checks } from '../../support/checks.js';
import { meshMode, twoClusters, twoLeaves } from '../../support/topologies.js';

const checks = new Checks(twoClusters(meshMode));
const LINK = 'cluster-a → cluster-b';
const GATEWAY = '192.0.2.10:30143';
const GATEWAY_ID = 'linkerd-gateway.linkerd-multicluster.serviceaccount.identity.linkerd.cluster.local';
const PUBLISHER_ID = 'default.nats-system.serviceaccount.identity.linkerd.cluster.local';
const LEAF_ID = 'nats-leaf-cluster-b.nats-system.serviceaccount.identity.linkerd.cluster.local';
const MIRROR = 'nats-broker-cluster-a.nats-system.svc.cluster.local:7422';
const ONE = 'a1b2'.repeat(16);
const TWO = 'c3d4'.repeat(16);

const alive = { clusterName: 'cluster-a', alive: true, numberOfServices: 1, latency: 3 };
const mirrored = { lacking: undefined, endpoints: [GATEWAY], clusterIp: '10.53.7.7' };
const dials = (...dialled: string[]): object => ({ dialled, mirror: mirrored });

test.each<[id: string, facts: unknown, verdict: string]>([
  ['gateway-reachable', 'open', 'pass'],
  ['gateway-reachable', 'filtered', `fail: no answer from ${GATEWAY} | filtered`],
  ['gateway-reachable', 'refused', `fail: nothing listens at ${GATEWAY} | refused`],
  ['gateway-alive', [alive], 'pass: 3 ms'],
  ['gateway-alive', [{ clusterName: 'cluster-a', alive: true }], 'pass'],
  ['gateway-alive', [{ ...alive, alive: false }], 'fail: no answer from 192.0.2.10:30191'],
  ['gateway-alive', [{ ...alive, clusterName: 'cluster-z' }], 'fail: there is no link to cluster-a'],
  ['gateway-alive', [], 'fail: there is no link to cluster-a'],
  ['service-mirrored', mirrored, `pass: ${GATEWAY}`],
  ['service-mirrored', { ...mirrored, lacking: 'there is no Link' }, 'fail: there is no Link'],
  [
    'service-mirrored',
    { ...mirrored, endpoints: [GATEWAY, '192.0.2.99:4143'] },
    `fail: its endpoint is not ${GATEWAY} | 192.0.2.99:4143`,
  ],
  ['trust-anchor-shared', [[ONE], [ONE]], 'pass: a1b2a1b2a1b2a1b2'],
  ['trust-anchor-shared', [[ONE], [TWO]], `fail: the anchors differ | ${ONE}, ${TWO}`],
  ['trust-anchor-shared', [[ONE, TWO], [ONE]], `fail: the anchors differ | ${ONE}, ${TWO}`],
  ['trust-anchor-shared', [[ONE], ['none']], `fail: a proxy does not tell its anchor | ${ONE}, none`],
  ['trust-anchor-shared', [['none'], ['none']], 'fail: a proxy does not tell its anchor | none'],
])('%s judges %j', (id, facts, verdict) => {
  expect(checks.judge(`${id}@${LINK}`, facts)).toBe(verdict);
});

test.each<[behaviour: string, facts: object, verdict: string]>([
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
  expect(checks.judge('leaf-dials-mirror@cluster-b', facts)).toBe(verdict);
});

const anonymous: ProxyConnection = { direction: 'inbound', peer: 'src', target: '10.42.0.9:7422', tls: false, open: 1 };
const inbound: ProxyConnection = { ...anonymous, tls: true, clientId: GATEWAY_ID };
const client = { ...inbound, target: '10.42.0.9:4222', clientId: PUBLISHER_ID };
const LACKS_LINK = "fail: the broker's proxy has no connection on 7422";
const PAST = 'fail: a connection comes past the gateway';

test.each<[behaviour: string, seen: ProxyConnection[], verdict: string]>([
  ['the gateway’s', [inbound, client], `pass: ${GATEWAY_ID}`],
  ['none', [], LACKS_LINK],
  ['a client’s only', [client], LACKS_LINK],
  ['one that was closed', [{ ...inbound, open: 0 }], LACKS_LINK],
  ['its own to the port', [{ ...inbound, direction: 'outbound' }], LACKS_LINK],
  ['one to a port that only ends alike', [{ ...inbound, target: '10.42.0.9:17422' }], LACKS_LINK],
  ['a leaf’s directly', [inbound, { ...inbound, clientId: LEAF_ID }], `${PAST} | ${LEAF_ID}`],
  ['one in plain text', [inbound, anonymous], `${PAST} | no identity`],
  ['one whose identity no TLS proves', [{ ...inbound, tls: false }], `${PAST} | ${GATEWAY_ID}`],
])('broker-behind-gateway judges a proxy with the connection: %s', (_connection, seen, verdict) => {
  expect(checks.judge('broker-behind-gateway@cluster-a', seen)).toBe(verdict);
});

const plain: ProxyConnection = {
  direction: 'outbound',
  peer: 'dst',
  authority: MIRROR,
  target: GATEWAY,
  tls: false,
  open: 1,
};
const outbound: ProxyConnection = { ...plain, tls: true, serverId: GATEWAY_ID };
const NO_PATH = `fail: its proxy has no connection to ${MIRROR}`;
const NOT_SAFE = 'fail: it is not for the gateway by mutual TLS';

test.each<[behaviour: string, seen: ProxyConnection[], verdict: string]>([
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
  expect(checks.judge('leaf-path-encrypted@cluster-b', seen)).toBe(verdict);
});

const INFO = 'INFO {"server_id":"NDXF","version":"2.15.2"';
const NO_DIAL = 'fail: it could not dial';

test.each<[heard: string | undefined, verdict: string]>([
  ['', 'pass: no INFO'],
  ['Terminated', 'pass: no INFO'],
  ['nc: timed out', 'pass: no INFO'],
  ['nc: timeout', 'pass: no INFO'],
  [INFO, `fail: it got the INFO of the broker | ${INFO}`],
  [`${INFO} Terminated`, `fail: it got the INFO of the broker | ${INFO} Terminated`],
  [`nc: bad address '${MIRROR}'`, `${NO_DIAL} | nc: bad address '${MIRROR}'`],
  ['sh: nc: not found', `${NO_DIAL} | sh: nc: not found`],
  ["nc: can't connect: Connection refused", `${NO_DIAL} | nc: can't connect: Connection refused`],
  [undefined, 'fail: the dial did not come to its end'],
])('a pod outside the mesh that hears %j', (heard, verdict) => {
  expect(checks.judge(`refuses-unmeshed-pod@${LINK}`, heard)).toBe(verdict);
});

const REQUIRED = 'nats: error: remote error: tls: certificate required';
const CLOSED = 'nats: error: connection closed by remote after TLS handshake: write tcp: broken pipe';
const SILENT = 'nats: error: read tcp 10.42.0.12:40112->10.53.7.7:7422: i/o timeout';
const AUTHORITY = 'nats: error: tls: failed to verify certificate: x509: certificate signed by unknown authority';
const NOT_REFUSED = 'fail: it was not refused by the broker';

test.each<[heard: string | undefined, verdict: string]>([
  [REQUIRED, `pass: ${REQUIRED}`],
  [CLOSED, `pass: ${CLOSED}`],
  ['remote error: tls: bad certificate', 'pass: remote error: tls: bad certificate'],
  [`${REQUIRED} ${'.'.repeat(200)}`, `pass: ${REQUIRED} ${'.'.repeat(120 - REQUIRED.length - 1)}`],
  [SILENT, `${NOT_REFUSED} | ${SILENT}`],
  [AUTHORITY, `${NOT_REFUSED} | ${AUTHORITY}`],
  ['nats: error: nats: Authorization Violation', `${NOT_REFUSED} | nats: error: nats: Authorization Violation`],
  ['RTT: 1.34ms', `${NOT_REFUSED} | RTT: 1.34ms`],
  ['', `${NOT_REFUSED} | `],
  [undefined, 'fail: the dial did not come to its end'],
])('a meshed pod without a certificate that hears %j', (heard, verdict) => {
  expect(checks.judge(`refuses-meshed-without-certificate@${LINK}`, heard)).toBe(verdict);
});

test('the anchors are asked of the pods of both clusters, each once', async () => {
  const pod = (trustRoot?: string): MeshPod => ({ name: 'nats', meshed: true, ready: true, trustRoot });
  const pods = new Map([
    ['cluster-a', [pod(ONE), pod(ONE)]],
    ['cluster-b', [pod(TWO), pod()]],
  ]);
  const meshPods: CheckWorld['meshPods'] = (cluster) => Promise.resolve(pods.get(cluster) ?? []);
  expect(await checks.probe(`trust-anchor-shared@${LINK}`, { meshPods })).toEqual([[ONE], [TWO, 'none']]);
});

test('only the links that the leaf node itself dialled count', async () => {
  const link = { account: 'APP', ip: '10.53.7.7', port: 7422 };
  const leafs = [
    { ...link, name: 'broker-cluster-a', is_spoke: true },
    { ...link, name: 'other', is_spoke: false, ip: '192.0.2.9' },
    { name: 'broker-cluster-a', account: 'APP', is_spoke: true },
  ];
  const world: Partial<CheckWorld> = {
    leafz: () => Promise.resolve({ leafnodes: 3, leafs }),
    mirror: () => Promise.resolve(mirrored),
  };
  expect(await checks.probe('leaf-dials-mirror@cluster-b', world)).toEqual(dials('10.53.7.7:7422', '?:?'));
});

const threeClusters = twoClusters({ ...meshMode, leaves: twoLeaves() });
const three = new Checks(threeClusters).all;

test('every check of a mesh with two leaf clusters has a key of its own', () => {
  expect(new Set(three.map(keyOf)).size).toBe(three.length);
});

test('every need of a check of a mesh is a check that stands before it', () => {
  const keys = three.map(keyOf);
  const misplaced = three.flatMap((check, at) =>
    (check.needs ?? []).filter((need) => keys.indexOf(need) < 0 || keys.indexOf(need) >= at),
  );
  expect(misplaced).toEqual([]);
});

test('each leaf cluster has its own checks of the mesh', () => {
  const subjects = three.filter(({ category }) => category === 'multicluster').map(({ subject }) => subject);
  const ofLeaf = (leaf: string): string[] => subjects.filter((subject) => subject.endsWith(leaf));
  expect(ofLeaf('cluster-c').map((subject) => subject.replace('cluster-c', 'cluster-b'))).toEqual(ofLeaf('cluster-b'));
  expect(ofLeaf('cluster-b').length).toBeGreaterThan(5);
});

test('a topology in direct mode has the same checks but for those of the mesh', () => {
  const direct = new Checks({ ...threeClusters, link: { mode: 'direct' } }).all;
  const ofMesh = new Set(['linkerd', 'multicluster']);
  expect(direct.map(keyOf)).toEqual(three.filter(({ category }) => !ofMesh.has(category)).map(keyOf));
});
