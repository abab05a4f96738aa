import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, expect, test } from '@jest/globals';
import type { Activities } from '../../src/activities/activities.js';
import { ProvisionError } from '../../src/contract/errors.js';
import { hubScope, type Scope } from '../../src/contract/topology/scope.js';
import { accountToken, strangersPath } from '../../src/domain/multicluster/accounts.js';
import { partsOf } from '../../src/parts/list.js';
import { BUNDLE } from '../support/bundle.js';
import { claimedHost } from '../support/parts/claimed-host.js';
import { FakeBundles } from '../support/fakes/bundles.js';
import { FakeHosts } from '../support/fakes/hosts.js';
import { Attempt, fakePorts, type FakePorts } from '../support/fakes/ports.js';
import type { FakeSecrets } from '../support/fakes/secrets.js';
import { issuedCertificates } from '../support/parts/nats-parts.js';
import { CONTROL_PLANE, printed } from '../support/cli/renders.js';
import { firstLeaf } from '../support/parts/site.js';
import { meshMode, twoClusters } from '../support/topologies.js';

const CLAIM = 'claim={"topology":"plant-7","adopted":false}';
const HUB = hubScope(twoClusters());
const MESHED = twoClusters(meshMode);
const MESHED_HUB = hubScope(MESHED);
const MESHED_LEAF = firstLeaf(MESHED);
const SCOPES: [of: string, scope: Scope][] = [
  ['a hub', HUB],
  ['a leaf', firstLeaf()],
  ['a meshed hub', MESHED_HUB],
  ['a meshed leaf', MESHED_LEAF],
];

const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
/** The key as a Secret holds it. */
const encoded = btoa(pem);
const HEADER = btoa('-----BEGIN PRIVATE KEY-----').length;
/** Pieces of a key, in PEM or encoded, long enough to be no accident. All keys of a kind begin alike. */
const piecesOf = (key: string): string[] =>
  [key.split('\n')[1]?.slice(36) ?? '', btoa(key).slice(HEADER + 48)].flatMap((text) =>
    Array.from({ length: text.length - 12 }, (_, at) => text.slice(at, at + 12)),
  );
let pieces: string[];
const revealed = (text: string): string[] => pieces.filter((piece) => text.includes(piece));

let issued: FakeSecrets;
let keys: string[];
beforeAll(async () => {
  issued = await issuedCertificates(MESHED);
  const files = (await issued.list('plant-7')).filter((file) => file.endsWith('.key'));
  keys = await Promise.all(files.map(async (file) => String(await issued.read('plant-7', file))));
  pieces = [pem, ...keys].flatMap(piecesOf);
});

type Call = [activity: keyof Activities, of: string, scope: Scope];

const CALLS = SCOPES.flatMap(([of, scope]): Call[] => [
  ['plan cluster', of, scope],
  ['check cluster', of, scope],
  ['check cluster ahead', of, scope],
  ['plan removal', of, scope],
  ...partsOf(scope).flatMap(({ name }): Call[] => [
    [`ensure ${name}`, of, scope],
    [`remove ${name}`, of, scope],
  ]),
]);

/** What leaves an attempt: its heartbeats, and its result or its failure with message and stack. */
async function toldBy(ports: FakePorts, activity: keyof Activities, scope: Scope): Promise<string> {
  const attempted = new Attempt(ports);
  const [outcome] = await Promise.allSettled([attempted.run(activity, { scope, trustOnFirstUse: false })]);
  const left: unknown = outcome.status === 'fulfilled' ? outcome.value : outcome.reason;
  const { message, stack } = Object.assign({ message: '', stack: '' }, { ...errorParts(left) });
  return [JSON.stringify(attempted.details), JSON.stringify(left), message, stack].join('\n');
}

const errorParts = (left: unknown): object =>
  left instanceof Error ? { message: left.message, stack: left.stack ?? '' } : {};

test.each(CALLS)('%s of %s tells no key that an unexpected error carries', async (activity, _of, scope) => {
  const hosts = new FakeHosts().on(/./, new Error(`unexpected:\n${pem}`));
  const ports = fakePorts({ secrets: issued, bundles: new FakeBundles(BUNDLE), hosts });
  expect(revealed(await toldBy(ports, activity, scope))).toEqual([]);
});

test.each(CALLS)('%s of %s tells no key that a failed command printed', async (activity, _of, scope) => {
  const failure = new ProvisionError('COMMAND_FAILED', `exit code 1: ${pem}`, pem, { host: 'vm-a' }, pem);
  const ports = fakePorts({ secrets: issued, hosts: new FakeHosts().on(/./, failure) });
  expect(revealed(await toldBy(ports, activity, scope))).toEqual([]);
});

test.each(CALLS)('%s of %s tells no key that a host printed', async (activity, _of, scope) => {
  const ports = claimedHost(issued);
  ports.hosts.on(/./, pem);
  ports.kubernetes.slow = 3;
  ports.kubernetes.cutAfter = 4;
  expect(revealed(await toldBy(ports, activity, scope))).toEqual([]);
});

const FACTS = ['arch=x86_64', 'memoryMb=2000', 'diskFreeMb=20000', 'nameResolves=yes'];

test.each(SCOPES)('the plan of %s tells fingerprints', async (_of, scope) => {
  const ports = claimedHost(issued);
  ports.hosts.on(/^\necho "epochNs/, [...FACTS, `epochNs=${ports.clock.now()}000000`, CLAIM].join('\n')).on(/./);
  ports.kubernetes.onGet(strangersPath(['cluster-b']), 200, { items: [] }).onGet('/api/v1/nodes', 200, {});
  const told = await toldBy(ports, 'plan cluster', scope);
  expect(told).toContain('"object":"Secret/nats-');
  expect(revealed(told)).toEqual([]);
});

test.each([
  ['the hub', HUB],
  ['a leaf', firstLeaf()],
])('ensure nats-secrets hands the keys of %s to the cluster and tells none', async (_of, scope) => {
  const ports = claimedHost(issued);
  const told = await toldBy(ports, 'ensure nats-secrets', scope);
  expect(told).toContain('"verb":"create"');
  expect(revealed(told)).toEqual([]);
  expect(keys.filter((key) => ports.kubernetes.objects().includes(btoa(key)))).not.toEqual([]);
});

const issuerSecret = `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"linkerd-identity-issuer"},"data":{"key.pem":"${encoded}"}}`;

test.each([
  ['a render', printed(CONTROL_PLANE.slice(0, 1)) + issuerSecret],
  ['a render that is cut off', `${printed(CONTROL_PLANE)}${issuerSecret.slice(0, -40)}`],
  ['an error of the command', new ProvisionError('COMMAND_FAILED', pem, pem, {}, issuerSecret)],
])('ensure linkerd tells no issuer’s key of %s', async (_what, answer) => {
  const ports = claimedHost(issued);
  ports.hosts.on(/linkerd install/, answer);
  expect(revealed(await toldBy(ports, 'ensure linkerd', MESHED_HUB))).toEqual([]);
});

test.each([
  ['when it succeeds', Infinity],
  ['when the connection is cut', 5],
])('ensure link keeps the token out of what it tells %s', async (_when, cutAfter) => {
  const ports = claimedHost(issued);
  const metadata = { name: accountToken('cluster-b'), namespace: 'linkerd-multicluster' };
  const issue = { apiVersion: 'v1', kind: 'Secret', metadata, data: { token: encoded } } as never;
  ports.clock.onSleep = () => void ports.kubernetes.put(issue);
  ports.kubernetes.cutAfter = cutAfter;
  expect(revealed(await toldBy(ports, 'ensure link', MESHED_LEAF))).toEqual([]);
  expect(ports.kubernetes.names()).toContain('Secret/cluster-credentials-cluster-a');
  expect(ports.kubernetes.objects()).toContain(encoded);
});

test('can tell when a key is told', () => {
  expect(revealed(`... ${pem.split('\n')[1]?.slice(40, 60)} ...`)).not.toEqual([]);
  expect(revealed(`... ${encoded.slice(100, 120)} ...`)).not.toEqual([]);
});
