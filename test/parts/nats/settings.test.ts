import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { hubScope, type Scope } from '../../../src/contract/topology/scope.js';
import { partNamed } from '../../../src/parts/list.js';
import { failureOf } from '../../support/errors.js';
import type { FakePorts } from '../../support/fakes/ports.js';
import type { FakeSecrets } from '../../support/fakes/secrets.js';
import { emptyClusters, issuedCertificates, named, PartUnderTest } from '../../support/parts/nats-parts.js';
import { firstLeaf } from '../../support/parts/site.js';
import { meshMode, twoClusters } from '../../support/topologies.js';

const DIRECT = hubScope(twoClusters());
const MESHED = hubScope(twoClusters(meshMode));
const CLOSED = hubScope(twoClusters({ ...meshMode, nats: { ...twoClusters().nats, edge: 'none' } }));
const PORTS = 'Service/nats-broker-external';
const NOT_OURS = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'nats-broker-external', namespace: 'nats-system' },
};

let secrets: FakeSecrets;
beforeAll(async () => {
  secrets = await issuedCertificates();
});

let ports: FakePorts;
beforeEach(() => {
  ports = emptyClusters(secrets);
});

const part = (scope: Scope, name: string): PartUnderTest => new PartUnderTest(ports, scope, name);

test.each([
  ['direct', DIRECT, [30_422, 30_722]],
  ['mesh', MESHED, [30_422]],
  ['mesh without an edge', CLOSED, []],
] as const)('in link mode %s these ports of the hub’s host are taken', (_mode, scope, numbers) => {
  expect(partNamed(scope, 'external-ports').listens?.(scope)).toEqual(numbers);
});

test('ports that the topology no longer opens are closed, once', async () => {
  await part(MESHED, 'external-ports').provide();
  const { steps, act } = await part(CLOSED, 'external-ports').see();
  expect(steps).toEqual([{ verb: 'delete', object: PORTS, because: 'the topology opens no ports' }]);
  await act(steps);
  expect(ports.kubernetes.names()).toEqual([]);
  expect(await part(CLOSED, 'external-ports').provide()).toEqual([]);
});

test('the port for leaf nodes closes when the link mode becomes mesh', async () => {
  await part(DIRECT, 'external-ports').provide();
  expect(named((await part(MESHED, 'external-ports').see()).steps)).toEqual([`change ${PORTS}`]);
});

test('a Service of that name that is not leafspan’s stays', async () => {
  ports.kubernetes.put(NOT_OURS);
  expect(await part(CLOSED, 'external-ports').provide()).toEqual([]);
});

test('a program is waited for until it runs', async () => {
  ports.kubernetes.slow = 2;
  await part(DIRECT, 'publisher').provide();
  expect(ports.clock.sleeps.length).toBeGreaterThan(0);
});

test('a program that does not start is named, with where to look', async () => {
  ports.kubernetes.slow = Infinity;
  expect(await failureOf(part(firstLeaf(), 'subscriber').provide())).toMatchObject({
    code: 'NOT_READY',
    message: expect.stringContaining('0 of 1 pods of subscriber are available'),
    hint: expect.stringContaining('kubectl -n nats-system get events'),
  });
});

test('a certificate that is to be issued again shows in every part that uses it', async () => {
  for (const name of ['nats-secrets', 'broker', 'publisher']) await part(DIRECT, name).provide();
  ports.kubernetes.onGet('/api/v1/namespaces/nats-system/pods/https:nats-broker-0:8222/proxy/varz', 503, '');
  ports.kubernetes.onGet(
    '/api/v1/namespaces/nats-system/pods/https:nats-broker-0:8222/proxy/connz?auth=1&limit=100000',
    503,
    '',
  );
  const lost = await issuedCertificates();
  lost.forget('plant-7', 'nats/broker/server.crt');
  ports.secrets = lost;
  const steps = await Promise.all(
    ['nats-secrets', 'broker'].map(async (name) => (await part(DIRECT, name).see()).steps),
  );
  expect(steps.flatMap(named)).toEqual(
    expect.arrayContaining(['change Secret/nats-broker-tls', 'change StatefulSet/nats-broker']),
  );
});

test('no key leaves a look: Secrets differ by fingerprints', async () => {
  await part(DIRECT, 'nats-secrets').provide();
  ports.secrets = await issuedCertificates();
  const { steps } = await part(DIRECT, 'nats-secrets').see();
  const diff = steps.flatMap((step) => step.diff ?? []);
  expect(diff).toContainEqual(expect.stringMatching(/^data\.tls\.key: sha256:[0-9a-f]{8} → sha256:[0-9a-f]{8}$/));
  expect(diff.filter((line) => !/sha256:[0-9a-f]{8}$/.test(line))).toEqual([]);
});

test('the images that pods of a cluster run from are those of the topology', () => {
  const { server, box } = twoClusters().nats.images;
  const imagesOf = (scope: Scope, names: string[]) => names.map((name) => partNamed(scope, name).images?.(scope) ?? []);
  expect(imagesOf(DIRECT, ['broker', 'publisher'])).toEqual([[server], [box]]);
  expect(imagesOf(firstLeaf(), ['leaf-node', 'subscriber'])).toEqual([[server], [box]]);
});
