import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { hubScope, type Scope } from '../../../src/contract/topology/scope.js';
import type { CheckResult } from '../../../src/contract/checks.js';
import { monitorPath } from '../../../src/domain/nats/monitor.js';
import { connectionsOfPath } from '../../../src/domain/nats/strangers.js';
import { FakeNats } from '../../support/fakes/nats.js';
import type { FakePorts } from '../../support/fakes/ports.js';
import type { FakeSecrets } from '../../support/fakes/secrets.js';
import { emptyClusters, issuedCertificates, PartUnderTest } from '../../support/parts/nats-parts.js';
import { checksIn, results } from '../../support/parts/part-checks.js';
import { firstLeaf } from '../../support/parts/site.js';
import { hostNamed, meshMode, twoClusters } from '../../support/topologies.js';

/** Behind an address that is translated. */
const TRANSLATED = { ...hostNamed('vm-a', 'cluster-a', '192.0.2.10'), internalAddress: '10.0.0.5' };
const TOPOLOGY = twoClusters({ broker: { name: 'cluster-a', role: 'broker', hosts: [TRANSLATED] } });
const HUB = hubScope(TOPOLOGY);
const LEAF = firstLeaf(TOPOLOGY);

const idsOf = (scope: Scope): string[] =>
  checksIn(scope)
    .filter(({ category }) => ['nats-broker', 'nats-leaf', 'cross-cluster'].includes(category))
    .map(({ id }) => id);

const OF_HUB = [
  'broker-ready',
  'broker-lists-leaves',
  'broker-accepts-probe',
  'refuses-no-certificate',
  'refuses-foreign-ca',
  'refuses-subscriber-publishing',
  'refuses-plaintext',
  'refuses-publisher-as-leaf',
];
const OF_LEAF = [
  'leaf-ready',
  'leaf-linked',
  'broker-lists-leaf',
  'leaf-accepts-probe',
  'message-broker-to-leaf',
  'message-leaf-to-broker',
  'subscriber-receives-publisher',
];

let secrets: FakeSecrets;
const issued = new Set<string>();
beforeAll(async () => {
  secrets = await issuedCertificates(TOPOLOGY);
  for (const file of await secrets.list('plant-7')) issued.add(String(await secrets.read('plant-7', file)));
});

const alert = (code: string): Error => Object.assign(new Error('an alert of the other side'), { code });

/** A broker that lets in whom the topology's CA has signed; the error is what others get, or everybody. */
const natsServer = (forAll?: Error): FakeNats =>
  new FakeNats((certificate) => {
    if (certificate !== undefined && issued.has(certificate)) return forAll;
    return forAll ?? alert(`ERR_SSL_TLSV13_ALERT_${certificate === undefined ? 'CERTIFICATE_REQUIRED' : 'UNKNOWN_CA'}`);
  });

/** Both clusters in one, as they are after a provision. */
async function provisioned(nats: FakeNats): Promise<FakePorts> {
  const made = emptyClusters(secrets, { nats });
  for (const [scope, name] of [
    [HUB, 'broker'],
    [LEAF, 'leaf-node'],
  ] as const)
    await new PartUnderTest(made, scope, name).provide();
  made.kubernetes
    .onGet(monitorPath('nats-broker', 'leafz'), 200, { leafs: [{ name: 'leaf-cluster-b', account: 'APP' }] })
    .onGet(monitorPath('nats-leaf', 'leafz'), 200, {
      leafs: [{ name: 'broker-cluster-a', account: 'APP', is_spoke: true, rtt: '1ms' }],
    })
    .onGet(connectionsOfPath('leaf-cluster-b.nats.local'), 200, {
      connections: [{ cid: 9, kind: 'Leafnode', account: 'APP', rtt: '2ms' }],
    })
    .onPods('app=subscriber', ['subscriber-1'])
    .onLogs('Message #7 - Published at 2026-11-24 18:00:00 UTC');
  return made;
}

const told = (all: CheckResult[]): Record<string, string> =>
  Object.fromEntries(
    all.map(({ id, verdict }) => [
      id,
      verdict.state === 'pass'
        ? `pass ${verdict.note ?? ''}`.trim()
        : `${verdict.state} ${verdict.because}${verdict.state === 'fail' && verdict.saw !== undefined ? ` | ${verdict.saw}` : ''}`,
    ]),
  );
const ofHub = async (): Promise<Record<string, string>> => told(await results(ports, HUB, ...OF_HUB));
const ofLeaf = async (): Promise<Record<string, string>> => told(await results(ports, LEAF, ...OF_LEAF));

const ofSubscriber = async (): Promise<string | undefined> =>
  told(await results(ports, HUB, 'refuses-subscriber-publishing'))['refuses-subscriber-publishing'];

let ports: FakePorts;
beforeEach(async () => {
  ports = await provisioned(natsServer());
});

test.each([
  ['the hub in link mode direct', HUB, [...OF_HUB, 'broker-serves-certificate']],
  ['a leaf in link mode direct', LEAF, [...OF_LEAF, 'leaf-serves-certificate']],
  ['the hub in link mode mesh', hubScope(twoClusters(meshMode)), [...OF_HUB, 'broker-serves-certificate']],
  ['a leaf in link mode mesh', firstLeaf(twoClusters(meshMode)), [...OF_LEAF, 'leaf-serves-certificate']],
])('these are the checks of NATS for %s', (_cluster, scope, ids) => {
  expect(idsOf(scope).sort()).toEqual(ids.sort());
});

test('every statement holds on a healthy hub', async () => {
  expect(await ofHub()).toEqual({
    'broker-ready': 'pass',
    'broker-lists-leaves': 'pass 1 leaf node',
    'broker-accepts-probe': expect.stringMatching(/^pass round trip \d+\.\d ms$/),
    'refuses-no-certificate': 'pass TLS alert certificate required',
    'refuses-foreign-ca': 'pass TLS alert unknown ca',
    'refuses-subscriber-publishing': 'pass publish test.messages',
    'refuses-plaintext': 'pass it asks for TLS and sends nothing more',
    'refuses-publisher-as-leaf': 'pass Authorization Violation',
  });
});

test('every statement holds on a healthy leaf', async () => {
  expect(await ofLeaf()).toEqual({
    'leaf-ready': 'pass',
    'leaf-linked': 'pass round trip 1ms',
    'broker-lists-leaf': 'pass round trip 2ms',
    'leaf-accepts-probe': expect.stringMatching(/^pass round trip/),
    'message-broker-to-leaf': expect.stringMatching(/^pass \d+\.\d ms$/),
    'message-leaf-to-broker': expect.stringMatching(/^pass \d+\.\d ms$/),
    'subscriber-receives-publisher': 'pass Message #7',
  });
});

test('what was opened is closed', async () => {
  await ofHub();
  await ofLeaf();
  expect(ports.hosts.tunnels.length).toBeGreaterThan(5);
  expect([ports.hosts.tunnelsOpen, ports.nats.open]).toEqual([0, 0]);
});

test('each server is dialled from the host of its own cluster, the broker by an address that its host reaches', async () => {
  await ofHub();
  await ofLeaf();
  expect([...new Set(ports.hosts.tunnels)].sort()).toEqual([
    'vm-a → 10.0.0.5:30422',
    'vm-a → 10.43.0.9:7422',
    'vm-b → 10.43.0.9:4222',
  ]);
});

test('without an edge clients get in at the Service', async () => {
  const nats = { ...TOPOLOGY.nats, edge: 'none' as const };
  await results(ports, hubScope({ ...TOPOLOGY, ...meshMode, nats }), 'broker-accepts-probe');
  expect(ports.hosts.tunnels).toEqual(['vm-a → 10.43.0.9:4222']);
});

test('no refusal is proven where the rightful client does not get in', async () => {
  ports = await provisioned(natsServer(new Error('connect ECONNREFUSED 127.0.0.1:40001')));
  const seen = await ofHub();
  expect(seen['broker-accepts-probe']).toBe('fail the client did not get in | connect ECONNREFUSED 127.0.0.1:40001');
  expect(Object.values(seen).filter((text) => text.startsWith('skip'))).toHaveLength(5);
});

test.each<[what: string, error: Error, text: string]>([
  ['a TLS alert', alert('ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE'), 'pass TLS alert bad certificate'],
  [
    'a word of the server',
    Object.assign(new Error("'Authorization Violation'"), { code: 'AUTHORIZATION_VIOLATION' }),
    "pass AUTHORIZATION_VIOLATION: 'Authorization Violation'",
  ],
  [
    'a cut connection',
    Object.assign(new Error('write ECONNRESET'), { code: 'ECONNRESET' }),
    'fail the broker did not refuse it, nor let it in | ECONNRESET: write ECONNRESET',
  ],
  [
    'a time-out',
    alert('TIMEOUT'),
    'fail the broker did not refuse it, nor let it in | TIMEOUT: an alert of the other side',
  ],
  ['an error of ours', new Error('no key'), 'fail the broker did not refuse it, nor let it in | no key'],
])('%s is judged for what it proves', async (_what, error, text) => {
  ports.nats = new FakeNats((certificate) => (certificate === undefined ? error : undefined));
  const seen = told(await results(ports, HUB, 'refuses-no-certificate'));
  expect(seen['refuses-no-certificate']).toBe(text);
});

test('a certificate that is missing here is not a refusal there', async () => {
  ports.secrets = await issuedCertificates(TOPOLOGY);
  ports.secrets.forget('plant-7', 'nats/clients/subscriber.crt');
  expect(await ofSubscriber()).toMatch(/^fail the broker did not refuse it.*has no nats\/clients\/subscriber$/);
});

test.each(['AUTHORIZATION_VIOLATION', 'ERR_SSL_TLSV13_ALERT_UNKNOWN_CA'])(
  'a subscriber that cannot log in, with %s, proves nothing about publishing',
  async (code) => {
    ports.nats = new FakeNats(() => alert(code));
    expect(await ofSubscriber()).toMatch(/^fail the broker did not refuse it, nor let it in \| it cannot log in: /);
  },
);

test('a subscriber that may not even listen proves nothing about publishing', async () => {
  ports.nats.told = ['subscription test.messages', 'publish test.messages'];
  expect(await ofSubscriber()).toBe(
    'fail the broker did not refuse it, nor let it in | it may not listen either: subscription test.messages',
  );
});

test('a subscriber that may publish is let in', async () => {
  ports.nats.told = [];
  expect(await ofSubscriber()).toBe('fail the broker let it in');
});

test.each([
  ['INFO {"tls_required":true}\r\nPONG\r\n', 'fail the broker let it in'],
  ['INFO {}\r\n', 'fail the broker did not refuse it, nor let it in | INFO {}\n'],
  ['', 'fail the broker did not refuse it, nor let it in | nothing came back'],
])('plaintext that gets %j back is judged', async (greeting, text) => {
  ports.nats.greeting = greeting;
  expect(told(await results(ports, HUB, 'refuses-plaintext'))['refuses-plaintext']).toBe(text);
});

test.each([
  ['INFO {}\r\nPING\r\nPONG\r\n', 'fail the broker let it in'],
  ['', 'fail the broker did not refuse it, nor let it in | the connection was closed without a response'],
])('a publisher that asks for a leaf link and gets %j back is judged', async (heard, text) => {
  ports.nats.leafAnswer = heard;
  expect(told(await results(ports, HUB, 'refuses-publisher-as-leaf'))['refuses-publisher-as-leaf']).toBe(text);
});

test('the hub does not wait for leaves that are on their way', async () => {
  ports.kubernetes.onGet(monitorPath('nats-broker', 'leafz'), 200, {});
  const all = await results(ports, HUB, ...OF_HUB);
  expect(told(all)['broker-lists-leaves']).toBe('fail the broker does not list 1 of 1 leaf nodes: leaf-cluster-b');
  expect(all.filter(({ verdict }) => verdict.state !== 'pass').map(({ severity }) => severity)).toEqual(['warning']);
  expect(ports.clock.sleeps).toEqual([]);
});

test('a leaf waits until both ends of its link tell of it', async () => {
  ports.kubernetes
    .onGet(monitorPath('nats-leaf', 'leafz'), 200, {})
    .onGet(connectionsOfPath('leaf-cluster-b.nats.local'), 503, '');
  const seen = await ofLeaf();
  expect(seen['leaf-linked']).toBe('fail the leaf node has no link to broker-cluster-a | no link');
  expect(seen['broker-lists-leaf']).toMatch(/^fail the probe got no response/);
  expect(Object.values(seen).filter((text) => text.startsWith('skip'))).toHaveLength(3);
});
