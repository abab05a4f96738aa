import { X509Certificate } from 'node:crypto';
import { beforeEach, expect, test } from '@jest/globals';
import { hubScope } from '../../../src/contract/topology/scope.js';
import { extensionsIn } from '../../../src/domain/pki/extensions.js';
import { BROKER_SERVER, clientOf, leafServer } from '../../../src/domain/pki/profiles.js';
import { plannedMaterial, readMaterial } from '../../../src/parts/pki/material.js';
import { failureOf } from '../../support/errors.js';
import { FakeClock } from '../../support/fakes/clock.js';
import { fakePorts, type FakePorts } from '../../support/fakes/ports.js';
import { PartUnderTest } from '../../support/parts/nats-parts.js';
import { judged, results } from '../../support/parts/part-checks.js';
import { firstLeaf, siteOf } from '../../support/parts/site.js';
import { twoClusters } from '../../support/topologies.js';

const TOPOLOGY = 'plant-7';
const DAY_MS = 86_400_000;
const HUB = hubScope(twoClusters());
const LEAF = firstLeaf();
const OF_LEAF = ['linkerd/issuer-cluster-b', 'nats/leaf/server-cluster-b', 'nats/clients/leaf-cluster-b'];

let ports: FakePorts;
let hub: PartUnderTest;
let leaf: PartUnderTest;
beforeEach(() => {
  // An hour later, so that no certificate has exactly its number of days left.
  ports = fakePorts({ clock: new FakeClock(Date.now() + 3_600_000) });
  hub = new PartUnderTest(ports, HUB, 'certificates');
  leaf = new PartUnderTest(ports, LEAF, 'certificates');
});

test('each cluster issues its own certificates once; the roots and what all leaves use are the hub’s', async () => {
  expect(await hub.provide()).toEqual(
    [
      'linkerd/trust-anchor',
      'linkerd/issuer-cluster-a',
      'nats/ca',
      'nats/broker/server',
      'nats/clients/publisher',
      'nats/clients/subscriber',
      'nats/clients/probe',
      'nats/clients/sys',
    ].map((name) => `create certificate ${name}`),
  );
  expect(await leaf.provide()).toEqual(OF_LEAF.map((name) => `create certificate ${name}`));
  const written = ports.secrets.writes.length;
  expect([await hub.provide(), await leaf.provide()]).toEqual([[], []]);
  expect(ports.secrets.writes).toHaveLength(written);
});

test('a leaf’s certificates wait for the hub’s', async () => {
  expect(await failureOf(leaf.provide())).toMatchObject({ code: 'SECRET_MISSING' });
});

test('an issue that was cut off is done again', async () => {
  await hub.provide();
  ports.secrets.forget(TOPOLOGY, 'nats/broker/server.crt');
  expect(await hub.provide()).toEqual(['create certificate nats/broker/server']);
});

test.each<[what: string, file: string, text: string | undefined]>([
  ['a certificate that was damaged', 'nats/broker/server.crt', '-----BEGIN CERTIFICATE-----\nMIIB'],
  ['a key that was damaged', 'nats/broker/server.key', 'cut off'],
  ['a key that was lost', 'nats/broker/server.key', undefined],
])('%s is replaced, and nothing else', async (_what, file, text) => {
  await hub.provide();
  if (text === undefined) ports.secrets.forget(TOPOLOGY, file);
  else await ports.secrets.write(TOPOLOGY, file, text);
  expect(await hub.provide()).toEqual(['change certificate nats/broker/server']);
});

test('a root that was damaged is refused, and what it signed too', async () => {
  await hub.provide();
  await leaf.provide();
  await ports.secrets.write(TOPOLOGY, 'nats/ca.crt', 'no certificate');
  const refusal = { code: 'PKI_INVALID', message: expect.stringContaining('nats/ca: its file holds no certificate') };
  expect(await failureOf(hub.see())).toMatchObject(refusal);
  expect(await failureOf(plannedMaterial(siteOf(ports, LEAF), leafServer('cluster-b')))).toMatchObject(refusal);
});

/** The same store, some days after its certificates were issued. */
const later = (days: number): void => {
  ports = fakePorts({ clock: new FakeClock(Date.now() + days * DAY_MS), secrets: ports.secrets });
  hub = new PartUnderTest(ports, HUB, 'certificates');
  leaf = new PartUnderTest(ports, LEAF, 'certificates');
};

test('in the last 60 to 90 days of the end-entity certificates those, and nothing else, are issued again', async () => {
  await hub.provide();
  await leaf.provide();
  later(274);
  expect([await hub.provide(), await leaf.provide()]).toEqual([[], []]);
  later(306);
  const before = await results(ports, HUB, 'certificates-fit', 'certificates-last');
  expect(before.map(({ verdict }) => verdict.state)).toEqual(['pass', 'fail']);
  expect(await leaf.provide()).toEqual(OF_LEAF.slice(1).map((name) => `change certificate ${name}`));
});

test('an issuer is issued again in its last 60 days, while all that it signed is still valid', async () => {
  await hub.provide();
  await leaf.provide();
  later(671);
  expect(await leaf.provide()).toContain('change certificate linkerd/issuer-cluster-b');
});

test('what our own mint issues has the usages that reuse looks for', async () => {
  await hub.provide();
  const [{ verdict } = { verdict: undefined }] = await results(ports, HUB, 'certificates-fit');
  expect(verdict).toMatchObject({ state: 'pass' });
  const probe = await ports.secrets.read(TOPOLOGY, 'nats/clients/probe.crt');
  expect(extensionsIn(new X509Certificate(probe ?? '').raw)).toEqual({ keyUsage: ['digitalSignature'] });
  const anchor = await ports.secrets.read(TOPOLOGY, 'linkerd/trust-anchor.crt');
  expect(extensionsIn(new X509Certificate(anchor ?? '').raw)).toEqual({ pathLength: 1, keyUsage: ['keyCertSign'] });
});

test('keys outlive what was built with them', async () => {
  await hub.provide();
  expect(await hub.remove()).toEqual([]);
});

test('a look shows a certificate that is about to be issued by a stand-in, and says that it is missing', async () => {
  const site = siteOf(ports, LEAF);
  expect(await plannedMaterial(site, clientOf('subscriber'))).toEqual({
    certificate: '(not issued yet)',
    privateKey: '(not issued yet)',
    ca: '(not issued yet)',
  });
  expect(site.unissued).toEqual([clientOf('subscriber')]);
});

test('a look takes what is valid from the store, each file once', async () => {
  await hub.provide();
  await leaf.provide();
  const site = siteOf(ports, LEAF);
  ports.secrets.reads.length = 0;
  const names = [leafServer('cluster-b'), clientOf('leaf-cluster-b'), clientOf('subscriber'), leafServer('cluster-b')];
  const seen = await Promise.all(names.map((name) => plannedMaterial(site, name)));
  const reads = [...ports.secrets.reads];
  expect(reads).toHaveLength(new Set(reads).size);
  expect(seen[2]).toEqual(await readMaterial(siteOf(ports, LEAF), clientOf('subscriber')));
  expect(site.unissued).toEqual([]);
});

test.each([
  ['certificates-fit', HUB, 'pass', '8 certificates'],
  ['certificates-fit', LEAF, 'pass', '3 certificates'],
  ['certificates-last', HUB, 'pass', 'the first expires in 364 days'],
  ['certificates-last', LEAF, 'pass', 'the first expires in 364 days'],
])('%s holds where all is issued (%#)', async (id, scope, state, note) => {
  await hub.provide();
  await leaf.provide();
  const [{ verdict } = { verdict: undefined }] = await results(ports, scope, id);
  expect(verdict).toEqual({ state, note });
});

test('certificates-fit names a damaged root and what is not issued', async () => {
  await hub.provide();
  await ports.secrets.write(TOPOLOGY, 'nats/ca.crt', 'no certificate');
  const [onHub, onLeaf] = await Promise.all([HUB, LEAF].map((scope) => results(ports, scope, 'certificates-fit')));
  expect(onHub?.[0]?.verdict).toMatchObject({
    state: 'fail',
    because: expect.stringMatching(/^\d certificates do not fit$/),
    saw: expect.stringContaining('nats/ca: its file holds no certificate; '),
  });
  expect(onLeaf?.[0]?.verdict).toMatchObject({ because: '3 certificates do not fit' });
});

const spec = { name: BROKER_SERVER };
test.each<[id: string, facts: unknown, text: string]>([
  [
    'certificates-fit',
    [{ spec, step: { kind: 'issue', because: 'there is none' } }],
    'fail: 1 certificate does not fit | nats/broker/server: there is none',
  ],
  [
    'certificates-last',
    [
      { name: 'a', days: 59 },
      { name: 'b', days: 60 },
    ],
    'fail: 1 certificate expires within 60 days | a in 59 days',
  ],
  [
    'certificates-last',
    [
      { name: 'a', days: 59 },
      { name: 'b', days: 1 },
    ],
    'fail: 2 certificates expire within 60 days | a in 59 days; b in 1 days',
  ],
  ['certificates-last', [], 'pass'],
])('%s judges %j', (id, facts, text) => {
  expect(judged(HUB, id, facts)).toBe(text);
});
