import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ClientNodeKubernetes } from '../../src/adapters/kubernetes/client-node-kubernetes.js';
import type { ConnectionSources } from '../../src/adapters/kubernetes/connections.js';
import { clientsOf, networkPolicy } from '../../src/domain/nats/objects/network-policy.js';
import { ERROR_CODES, type ErrorCode } from '../../src/contract/errors.js';
import type { KubernetesCluster } from '../../src/parts/ports.js';
import { FakeApiServer, kinds, refusal } from '../support/servers/api-server.js';
import { failureOf } from '../support/errors.js';
import { hostAt } from '../support/servers/sshd.js';

const { signal } = new AbortController();
let server: FakeApiServer;
let kubernetes: ClientNodeKubernetes;
let cluster: KubernetesCluster;

beforeAll(async () => {
  server = await FakeApiServer.start();
  kubernetes = new ClientNodeKubernetes(server.sources);
});

afterAll(async () => {
  await kubernetes.close();
  await server.stop();
});

beforeEach(async () => {
  cluster = await kubernetes.cluster(hostAt({}), { signal });
});

const CONFIG_MAP = '/api/v1/namespaces/demo/configmaps/settings';
const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'demo' } };
const notFound = refusal(404, 'not found', 'NotFound');

test.each<[status: number, message: string, code: ErrorCode]>([
  [422, 'ConfigMap "settings" is invalid: metadata.name', 'KUBE_OBJECT_REFUSED'],
  [400, 'the request is not readable', 'KUBE_API_REFUSED'],
  [403, 'configmaps "settings" is forbidden: violates PodSecurity "restricted"', 'KUBE_API_REFUSED'],
  [403, 'unable to create new content in namespace demo because it is being terminated', 'KUBE_API_FAILED'],
  [403, 'configmaps "settings" is forbidden: not yet ready to handle request', 'KUBE_API_FAILED'],
  [403, 'error looking up service account demo/default: serviceaccount "default" not found', 'KUBE_API_FAILED'],
  [401, 'Unauthorized', 'KUBE_API_FAILED'],
  [404, 'namespaces "demo" not found', 'KUBE_API_FAILED'],
  [409, 'the object has been modified', 'KUBE_API_FAILED'],
  [429, 'too many requests', 'KUBE_API_FAILED'],
  [500, 'failed calling webhook "linkerd-proxy-injector"', 'KUBE_API_FAILED'],
  [500, 'duplicate nodePort: {TCP 30777}', 'KUBE_OBJECT_REFUSED'],
  [503, 'the server is starting', 'KUBE_API_FAILED'],
])('an apply to which the API responds %i, %s, fails as %s', async (status, message, code) => {
  server.on('GET /api/v1', kinds('v1', 'ConfigMap')).on(`GET ${CONFIG_MAP}`, notFound);
  server.on(`PATCH ${CONFIG_MAP}`, refusal(status, message));
  expect(await failureOf(cluster.apply([configMap]))).toMatchObject({
    code,
    message: `apply ConfigMap/settings: the Kubernetes API responded ${status}: ${message}`,
    where: { host: 'hub-1', cluster: 'hub' },
  });
});

const LIVE = {
  status: 200,
  body: {
    ...configMap,
    metadata: { ...configMap.metadata, resourceVersion: '1', managedFields: [{ manager: 'leafspan' }] },
  },
};
const theirs = { status: 200, body: configMap };
const refused = refusal(422, 'Service "settings" is invalid: spec.ports[1].name: Duplicate value', 'Invalid');
const CREATE = 'POST /api/v1/namespaces/demo/configmaps';

test.each([
  ['exists', refusal(409, 'configmaps "settings" already exists', 'AlreadyExists')],
  ['holds its ports', refusal(422, 'spec.ports[0].nodePort: provided port is already allocated', 'Invalid')],
])('an object that cannot become the wanted one, and %s, is deleted and made again', async (_, inItsWay) => {
  const wanted = { ...configMap, data: { a: 'b' } };
  const made = { ...wanted, metadata: { ...wanted.metadata, resourceVersion: '2' } };
  server.on('GET /api/v1', kinds('v1', 'ConfigMap')).on(`GET ${CONFIG_MAP}`, LIVE, LIVE, notFound);
  server.on(`PATCH ${CONFIG_MAP}`, refused, refused, { status: 200, body: made });
  server.on(CREATE, inItsWay).on(`DELETE ${CONFIG_MAP}`, theirs);
  expect(await cluster.preview(wanted)).toMatchObject({ live: configMap, applied: wanted, remade: true });
  expect(await cluster.apply([wanted])).toMatchObject([made]);
});

test.each([
  ['of which a new one would be refused too', LIVE, refused],
  ['that leafspan did not make', theirs, refusal(409, 'already exists')],
])('an object %s stays, and the refusal is reported', async (_, live, created) => {
  server.on('GET /api/v1', kinds('v1', 'ConfigMap')).on(`GET ${CONFIG_MAP}`, live);
  server.on(`PATCH ${CONFIG_MAP}`, refused).on(CREATE, created);
  expect(await failureOf(cluster.preview(configMap))).toMatchObject({ code: 'KUBE_OBJECT_REFUSED' });
  expect(await failureOf(cluster.apply([configMap]))).toMatchObject({ code: 'KUBE_OBJECT_REFUSED' });
});

test.each<[code: ErrorCode, permanent: boolean]>([
  ['KUBE_OBJECT_REFUSED', true],
  ['KUBE_API_REFUSED', true],
  ['KUBE_API_FAILED', false],
])('whether %s is permanent: %s', (code, permanent) => {
  expect(ERROR_CODES[code].permanent).toBe(permanent);
});

test('the log of a container that has not started may be there later', async () => {
  const message = 'container "dial" in pod "dial-1" is waiting to start: ContainerCreating';
  server.on('GET /api/v1/namespaces/demo/pods/dial-1/log', refusal(400, message, 'BadRequest'));
  const call = cluster.podLogs('demo', 'dial-1', { sinceSeconds: 5 });
  expect((await failureOf(call)).code).toBe('KUBE_API_FAILED');
});

const THING = '/apis/test.leafspan.io/v1/namespaces/demo/things/one';
const thing = { apiVersion: 'test.leafspan.io/v1', kind: 'Thing', metadata: { name: 'one', namespace: 'demo' } };

test('a kind that the API does not know is absent', async () => {
  server.on('GET /apis/test.leafspan.io/v1', notFound);
  expect(await cluster.read(thing)).toBeUndefined();
  expect(await cluster.remove(thing)).toBe(false);
});

test('a kind that the API learns a moment later is waited for, by whoever read it before', async () => {
  const known = kinds('test.leafspan.io/v1', 'Thing');
  server.on('GET /apis/test.leafspan.io/v1', notFound, kinds('test.leafspan.io/v1', 'Other'), notFound, known);
  server.on(`GET ${THING}`, notFound).on(`PATCH ${THING}`, { status: 200, body: thing });
  expect(await cluster.read(thing)).toBeUndefined();
  expect(await cluster.apply([thing])).toMatchObject([thing]);
});

const MB = 1024 * 1024;
const calls: [what: string, path: string, call: () => Promise<unknown>][] = [
  ['a page', 'GET /readyz', () => cluster.get('/readyz')],
  ['an object', `GET ${CONFIG_MAP}`, () => cluster.read(configMap)],
  [
    'a log',
    'GET /api/v1/namespaces/demo/pods/dial-1/log',
    () => cluster.podLogs('demo', 'dial-1', { sinceSeconds: 5 }),
  ],
];

test.each(calls)('%s of more than 8 MB is not read to its end', async (_what, path, call) => {
  const bytes = Buffer.alloc(20 * MB, ' ');
  server
    .on('GET /api/v1', kinds('v1', 'ConfigMap'))
    .on(path, { status: 200, body: {}, raw: { bytes, encoding: 'identity' } });
  const error = await failureOf(call());
  expect(error).toMatchObject({
    code: 'KUBE_API_FAILED',
    message: expect.stringMatching(/max size|terminated/i) as unknown,
  });
});

test.each(calls)('%s that would unpack to more is not unpacked', async (_what, path, call) => {
  const bytes = gzipSync(Buffer.alloc(20 * MB, ' '));
  server
    .on('GET /api/v1', kinds('v1', 'ConfigMap'))
    .on(path, { status: 200, body: {}, raw: { bytes, encoding: 'gzip' } });
  expect((await failureOf(call())).message).toContain('the response is packed as gzip');
});

test('who may dial by a NetworkPolicy reaches the API by the name that it has there', async () => {
  const policy = networkPolicy('nats-broker', [clientsOf('publisher', [])]);
  const path = '/apis/networking.k8s.io/v1/namespaces/nats-system/networkpolicys/nats-broker';
  server.on('GET /apis/networking.k8s.io/v1', kinds('networking.k8s.io/v1', 'NetworkPolicy'));
  server.on(`PATCH ${path}`, { status: 200, body: policy });
  await cluster.apply([policy]);
  expect(server.sent(`PATCH ${path}`)).toMatchObject({
    spec: { ingress: [{ from: clientsOf('publisher', []).from }] },
  });
});

test('a cluster that was made again on its host is reached with its own credentials, at the first call', async () => {
  const [before, after] = [await FakeApiServer.start(), await FakeApiServer.start()];
  let { sources } = before.on('GET /readyz', { status: 200, body: {} });
  const both = new ClientNodeKubernetes({
    open: (host) => sources.open(host),
    kubeconfig: (host) => sources.kubeconfig(host, signal),
  });
  try {
    const found = await both.cluster(hostAt({}), { signal });
    expect((await found.get('/readyz')).status).toBe(200);
    await before.stop();
    ({ sources } = after.on('GET /readyz', { status: 200, body: { of: 'the next one' } }));
    expect(await found.get('/readyz')).toEqual({ status: 200, body: '{"of":"the next one"}' });
  } finally {
    await both.close();
    await after.stop();
  }
});

test('a host that was installed again is dialled with the host key that the topology has now', async () => {
  server.on('GET /readyz', { status: 200, body: {} });
  const dialled: (string | undefined)[] = [];
  const open: ConnectionSources['open'] = (host) => {
    dialled.push(host.ssh.hostKey);
    return server.sources.open(host);
  };
  const dialling = new ClientNodeKubernetes({ ...server.sources, open });
  try {
    for (const hostKey of ['SHA256:before', 'SHA256:after']) {
      const found = await dialling.cluster(hostAt({ hostKey }), { signal });
      expect((await found.get('/readyz')).status).toBe(200);
    }
    expect(new Set(dialled)).toEqual(new Set(['SHA256:before', 'SHA256:after']));
  } finally {
    await dialling.close();
  }
});

test('credentials that the API no longer takes are read again, once', async () => {
  server.on('GET /readyz', refusal(401, 'Unauthorized'), { status: 200, body: {} });
  expect((await cluster.get('/readyz')).status).toBe(200);
  server.on('GET /readyz', refusal(401, 'Unauthorized'));
  expect(await failureOf(cluster.get('/readyz'))).toMatchObject({ code: 'KUBE_API_FAILED' });
});

test('a cluster is known while its credentials are at hand', async () => {
  server.on('GET /readyz', { status: 200, body: {} });
  const { kubeconfig } = server.sources;
  const mine = new ClientNodeKubernetes({ open: () => Promise.reject(new Error('no connection')), kubeconfig });
  try {
    expect(mine.isKnown(hostAt({}))).toBe(false);
    const found = await mine.cluster(hostAt({}), { signal });
    expect(mine.isKnown(hostAt({}))).toBe(true);
    expect(mine.isKnown(hostAt({ hostKey: 'SHA256:of another machine' }))).toBe(false);
    expect(await failureOf(found.get('/readyz'))).toMatchObject({ code: 'KUBE_API_FAILED' });
    expect(mine.isKnown(hostAt({}))).toBe(false);
  } finally {
    await mine.close();
  }
});

test('credentials of a cluster that nothing asks for are dropped, and read again when they are needed', async () => {
  server.on('GET /readyz', { status: 200, body: {} });
  let reads = 0;
  const kubeconfig = (): Promise<string> => {
    reads += 1;
    return server.sources.kubeconfig(hostAt({}), signal);
  };
  const hasty = new ClientNodeKubernetes({ ...server.sources, kubeconfig }, 0);
  try {
    const found = await hasty.cluster(hostAt({}), { signal });
    while (reads < 3) expect((await found.get('/readyz')).status).toBe(200);
  } finally {
    await hasty.close();
  }
});
