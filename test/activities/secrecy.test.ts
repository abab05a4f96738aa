import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { Activities } from '../../src/activities/activities.js';
import { ProvisionError } from '../../src/contract/errors.js';
import { pkiSpecOf } from '../../src/domain/pki/spec.js';
import { serverOf } from '../../src/domain/topology/types.js';
import { failureOf } from '../support/errors.js';
import { Attempt, attempt, fakePorts, type FakePorts } from '../support/fakes/ports.js';
import { twoClusters } from '../support/topologies.js';

const topology = twoClusters();
const { name, nats, k3s } = topology;
const host = serverOf(topology.broker);
const leaf = serverOf(topology.leaves[0] ?? topology.broker);
const source = { from: 'bundle', folder: '/bundle' } as const;
const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
/** A line of the key that no redactor has touched. */
const marker = pem.split('\n')[1] ?? pem;

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
