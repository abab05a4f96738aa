import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { Activities } from '../../src/activities/activities.js';
import { ProvisionError } from '../../src/contract/errors.js';
import { linkerdVersionScript } from '../../src/domain/linkerd/render.js';
import { pkiSpecOf } from '../../src/domain/pki/spec.js';
import { serverOf } from '../../src/contract/topology.js';
import { failureOf } from '../support/errors.js';
import { Attempt, attempt, fakePorts, type FakePorts } from '../support/fakes/ports.js';
import { CONTROL_PLANE, printed } from '../support/renders.js';
import { GATEWAY, twoClusters } from '../support/topologies.js';

const topology = twoClusters();
const { name, nats, k3s, linkerd } = topology;
const mesh = { version: linkerd.version, gateway: GATEWAY };
const host = serverOf(topology.broker);
const leaf = serverOf(topology.leaves[0] ?? topology.broker);
const source = { from: 'bundle', folder: '/bundle' } as const;
const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
/** A line of the key that no redactor has touched. */
const marker = pem.split('\n')[1] ?? pem;
/** The key as a Secret holds it. */
const encoded = Buffer.from(pem).toString('base64');
const HEADER = Buffer.from('-----BEGIN PRIVATE KEY-----').toString('base64').length;
/** Pieces of the key, in PEM or encoded, long enough to be no accident. */
const pieces = [marker, encoded.slice(HEADER)].flatMap((text) =>
  Array.from({ length: text.length - 8 }, (_, at) => text.slice(at, at + 8)),
);
const revealed = (text: string): string[] => pieces.filter((piece) => text.includes(piece));

const calls: [keyof Activities, unknown][] = [
  ['inspectHost', { host, ports: [6443], reach: [], trustOnFirstUse: false }],
  ['claimHost', { host, topology: name }],
  ['ensureK3sFiles', { host, source, version: k3s.version }],
  ['ensureImages', { host, source }],
  ['ensureTools', { host, source }],
  ['awaitImages', { host, source, images: ['nats:1'] }],
  ['ensureK3s', { host, source, k3s }],
  ['awaitK3s', { host }],
  ['ensureKubeconfigs', { host }],
  ['ensureGatewayApi', { host, source: { from: 'releases' } }],
  ['ensureLinkerdCrds', { host }],
  ['ensureLinkerd', { host, topology: name, version: linkerd.version }],
  ['ensureGateway', { ...mesh, server: host, leaves: ['cluster-b'] }],
  ['ensureMirrorController', { ...mesh, server: leaf, broker: 'cluster-a' }],
  ['reloadBroker', { server: host, leaves: ['cluster-b'], nats }],
  ['runChecks', { topology }],
  ['checkOwner', { host, topology: name }],
  ['removeLeafNode', { host: leaf }],
  ['removeBroker', { host }],
  ['removeHost', { host, topology: name }],
];

const told = (attempted: Attempt, failure: object): string =>
  [
    ...attempted.heartbeats,
    JSON.stringify(failure),
    ...['message', 'stack'].map((field) => String((failure as Record<string, unknown>)[field])),
  ].join('\n');

const outcomeOf = async (call: Promise<unknown>): Promise<object> => {
  const [outcome] = await Promise.allSettled([call]);
  return outcome.status === 'fulfilled' ? { result: outcome.value } : (outcome.reason as object);
};

test.each(calls)('%s tells no key that an unexpected error carries', async (activity, input) => {
  const ports = fakePorts();
  ports.hosts.on(/./, new Error(`unexpected:\n${pem}`));
  const tried = new Attempt(ports);
  expect(told(tried, await outcomeOf(tried.run(activity, input as never)))).not.toContain(marker);
});

test.each(calls)('%s tells no key that a failed command printed', async (activity, input) => {
  const ports = fakePorts();
  ports.hosts.on(/./, new ProvisionError('COMMAND_FAILED', `exit code 1: ${pem}`, pem, { host: 'vm-a' }, pem));
  const tried = new Attempt(ports);
  expect(told(tried, await outcomeOf(tried.run(activity, input as never)))).not.toContain(marker);
});

const withKeys = async (): Promise<FakePorts> => {
  const ports = fakePorts();
  await attempt(ports, 'ensurePki', pkiSpecOf(topology));
  for (const file of await ports.secrets.list(name))
    if (file.endsWith('.key')) await ports.secrets.write(name, file, pem);
  return ports;
};

test.each<[keyof Activities, unknown]>([
  ['ensureNatsSecrets', { topology: name, server: host, role: 'broker', mode: 'direct' }],
  ['ensureNatsSecrets', { topology: name, server: leaf, role: 'leaf' }],
  ['ensureBroker', { topology: name, server: host, leaves: ['cluster-b'], nats }],
  ['ensureLeafNode', { topology: name, server: leaf, nats, remote: '192.0.2.10:30722' }],
  ['ensurePublisher', { topology: name, server: host, nats }],
  ['ensureSubscriber', { topology: name, server: leaf, nats }],
  ['purgeKeys', { topology: name }],
])('%s keeps the stored keys out of its result and its heartbeats (%#)', async (activity, input) => {
  const ports = await withKeys();
  ports.kubernetes.slow = 3;
  const tried = new Attempt(ports);
  expect(told(tried, { result: await tried.run(activity, input as never) })).not.toContain(marker);
});

test('ensureNatsSecrets hands the key to the cluster', async () => {
  const ports = await withKeys();
  await attempt(ports, 'ensureNatsSecrets', { topology: name, server: host, role: 'broker', mode: 'direct' });
  expect(ports.kubernetes.objects()).toContain(Buffer.from(pem).toString('base64'));
});

test('ensurePki tells of a root whose key is another one without telling the key', async () => {
  const tried = new Attempt(await withKeys());
  const failure = await failureOf(tried.run('ensurePki', pkiSpecOf(topology)));
  expect(failure).toMatchObject({ type: 'PKI_INVALID', nonRetryable: true });
  expect(told(tried, failure)).not.toContain(marker);
});

const LINKERD = { host, topology: name, version: linkerd.version };
const issuerSecret = `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"linkerd-identity-issuer"},"data":{"key.pem":"${encoded}"}}`;

test('ensureLinkerd keeps the issuer’s key out of its result and its heartbeats, and hands it to the cluster', async () => {
  const ports = await withKeys();
  const render = `${printed(CONTROL_PLANE.slice(0, 1))}${issuerSecret}\n`;
  ports.hosts.on(linkerdVersionScript, linkerd.version).on(/linkerd install/, render);
  const tried = new Attempt(ports);
  expect(revealed(told(tried, { result: await tried.run('ensureLinkerd', LINKERD) }))).toEqual([]);
  expect(ports.kubernetes.objects()).toContain(encoded);
});

const failed = (output: string): Error =>
  new ProvisionError('COMMAND_FAILED', 'exit code 1 from: umask 077', undefined, { host: 'vm-a' }, output);

test.each<[what: string, answer: string | Error]>([
  ['the script, echoed by the shell', failed(`bash: line 9: warning: here-document\n${pem}LEAFSPAN_PEM`)],
  ['the objects that it made so far', failed(`${printed(CONTROL_PLANE)}${issuerSecret}\nError: broken pipe`)],
  ['the objects, the last of them cut off', failed(issuerSecret.slice(0, -30))],
  ['an object that is no JSON', issuerSecret.replace(`${encoded.slice(99)}"`, `" ${encoded.slice(99)}`)],
  ['an object that was cut off', issuerSecret.slice(0, -30)],
])('ensureLinkerd tells no key when its render fails and prints %s', async (_what, answer) => {
  const ports = await withKeys();
  ports.hosts.on(linkerdVersionScript, linkerd.version).on(/linkerd install/, answer);
  const tried = new Attempt(ports);
  expect(revealed(told(tried, await failureOf(tried.run('ensureLinkerd', LINKERD))))).toEqual([]);
});

const token = { name: 'link-cluster-b-token', namespace: 'linkerd-multicluster' };

test.each([
  ['when it succeeds', Infinity],
  ['when the connection is cut', 1],
])('ensureLink keeps the token out of what it tells %s', async (_when, cutAfter) => {
  const ports = fakePorts();
  const data = { token: encoded, 'ca.crt': encoded };
  ports.kubernetes.put({ apiVersion: 'v1', kind: 'Secret', metadata: token, data } as never).cutAfter = cutAfter;
  const tried = new Attempt(ports);
  expect(
    revealed(told(tried, await outcomeOf(tried.run('ensureLink', { ...mesh, server: leaf, broker: host })))),
  ).toEqual([]);
  expect(ports.kubernetes.names()).toContain('Secret/cluster-credentials-cluster-a');
});

test('can tell when a key is told', () => {
  expect(revealed(`... ${marker.slice(20, 40)} ...`)).not.toEqual([]);
  expect(revealed(`... ${encoded.slice(80, 100)} ...`)).not.toEqual([]);
});
