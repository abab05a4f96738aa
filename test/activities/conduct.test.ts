import { beforeEach, expect, test } from '@jest/globals';
import type { Activities } from '../../src/activities/activities.js';
import { claimScript } from '../../src/domain/hosts/claim.js';
import { ownerScript, releaseHostScript, remainsScript, removeHostScript } from '../../src/domain/hosts/removal.js';
import { imageListScript } from '../../src/domain/k3s/images.js';
import { k3sFactsScript, unitStateScript } from '../../src/domain/k3s/install.js';
import { VARZ_PATH } from '../../src/domain/nats/reload.js';
import { pkiSpecOf } from '../../src/domain/pki/spec.js';
import { serverOf, type ArtifactSource } from '../../src/contract/topology.js';
import { failureOf } from '../support/errors.js';
import { Attempt, attempt, fakePorts, type FakePorts } from '../support/fakes/ports.js';
import { GATEWAY, twoClusters } from '../support/topologies.js';

const topology = twoClusters();
const { name, nats, k3s } = topology;
const host = serverOf(topology.broker);
const leaf = serverOf(topology.leaves[0] ?? topology.broker);
const mesh = { server: leaf, version: topology.linkerd.version, gateway: GATEWAY };
const bundle: ArtifactSource = { from: 'bundle', folder: '/bundle' };
const releases: ArtifactSource = { from: 'releases' };

let ports: FakePorts;
beforeEach(() => {
  ports = fakePorts();
});

test.each([
  [
    'another version of K3s',
    k3sFactsScript,
    'version=v1.30.0+k3s1\n',
    'ensureK3s',
    'K3S_VERSION_DIFFERS',
    /K3s is v1.30/,
  ],
  ['no K3s at all', k3sFactsScript, '', 'ensureK3s', 'K3S_VERSION_DIFFERS', /K3s is not there/],
  [
    'a host of another topology',
    claimScript(name),
    'plant-8\n',
    'claimHost',
    'HOST_LOCKED',
    /belongs to topology "plant-8"/,
  ],
  [
    'a foreign owner at teardown',
    ownerScript,
    'plant-8\n',
    'checkOwner',
    'HOST_LOCKED',
    /belongs to topology "plant-8"/,
  ],
  ['a corrupt artifact', /curl/, { code: 41 }, 'ensureK3sFiles', 'ARTIFACT_CORRUPT', /has not the checksum/],
  ['a missing checksum', /curl/, { code: 42 }, 'ensureK3sFiles', 'ARTIFACT_CORRUPT', /has no checksum of k3s/],
  ['a host without curl', /curl/, { code: 43 }, 'ensureK3sFiles', 'PREFLIGHT_FAILED', /curl is missing/],
] as const)('does not retry %s', async (_behaviour, script, answer, activity, type, message) => {
  ports.hosts.on('uname -m', 'x86_64\n').on(script, answer);
  const input = { host, topology: name, source: releases, version: k3s.version, k3s };
  expect(await failureOf(attempt(ports, activity, input))).toMatchObject({
    type,
    nonRetryable: true,
    message: expect.stringMatching(message),
    details: [expect.objectContaining({ host: 'vm-a', hint: expect.any(String) })],
  });
});

test('retries what cannot be fetched for now', async () => {
  ports.hosts.on('uname -m', 'x86_64\n').on(/curl/, { code: 44, stderr: 'curl: (6) Could not resolve host' });
  expect(
    await failureOf(attempt(ports, 'ensureK3sFiles', { host, source: releases, version: k3s.version })),
  ).toMatchObject({
    type: 'DOWNLOAD_FAILED',
    nonRetryable: false,
    message: expect.stringContaining('Could not resolve host'),
  });
});

test('names what a removal left behind, and keeps the claim so that the next attempt looks again', async () => {
  ports.hosts
    .on(ownerScript, name)
    .on(/\.kube/)
    .on(removeHostScript)
    .on(remainsScript, 'mount /run/k3s\nunit k3s.service\n');
  expect(await failureOf(attempt(ports, 'removeHost', { host, topology: name }))).toMatchObject({
    type: 'REMAINS_FOUND',
    nonRetryable: false,
    message: 'vm-a: still there after the removal: mount /run/k3s; unit k3s.service',
  });
  expect(ports.hosts.ran).not.toContain(releaseHostScript);
});

test('reports every part that a bundle lacks at once', async () => {
  const input = { source: bundle, wanted: { k3s: 'v1.99.0+k3s1', images: [] } };
  expect(await failureOf(attempt(ports, 'verifyArtifacts', input))).toMatchObject({
    type: 'BUNDLE_INVALID',
    message: expect.stringContaining('it has K3s v1.36.3+k3s1'),
  });
});

const waits: [activity: keyof Activities, input: unknown, saw: string, type: string][] = [
  ['awaitK3s', { host }, 'k3s.service: activating', 'K3S_NOT_READY'],
  ['awaitImages', { host, source: bundle, images: ['nats:1'] }, 'waiting for nats:1', 'NOT_READY'],
  [
    'ensureBroker',
    { topology: name, server: host, leaves: [], nats },
    '0 of 1 pods of nats-broker are ready',
    'NOT_READY',
  ],
  ['removeBroker', { host }, 'waiting for nats-broker-0 to end', 'NOT_READY'],
  ['awaitLinkerd', { host }, 'linkerd-identity: the Deployment is not there', 'NOT_READY'],
  ['ensureLink', { ...mesh, broker: host }, 'Secret link-cluster-b-token has no token yet', 'NOT_READY'],
  ['awaitMirror', { ...mesh, broker: host }, 'there is no Link', 'NOT_READY'],
  ['ensureMeshPolicy', { server: host, role: 'broker' }, 'the node has no range for its pods', 'NOT_READY'],
  ['reloadBroker', { server: host, leaves: [], nats }, 'the new configuration is not in the pod yet', 'NOT_READY'],
];

const neverReady = async (): Promise<void> => {
  await attempt(ports, 'ensurePki', pkiSpecOf(topology));
  ports.hosts
    .on(unitStateScript, 'activating\n')
    .on(imageListScript, '')
    .on(/nats-broker-0/, '')
    .on(/is-active k3s/, 'active\nkubeconfig\n');
  ports.kubernetes
    .onGet('/readyz', 200, 'ok')
    .onGet('/api/v1/nodes', 200, { items: [] })
    .onGet(VARZ_PATH, 200, {})
    .onPods('app=publisher', [])
    .onPods('app=nats-broker', ['nats-broker-0']).slow = Infinity;
};

test.each(waits)(
  '%s says what it waits for, and what it saw last when its time is up',
  async (activity, input, saw, type) => {
    await neverReady();
    const waiting = new Attempt(ports);
    expect(await failureOf(waiting.run(activity, input as never))).toMatchObject({ type, nonRetryable: false });
    expect(waiting.heartbeats).toContain(saw);
  },
);

test.each(waits)('%s ends its wait when it is cancelled', async (activity, input) => {
  await neverReady();
  const waiting = new Attempt(ports);
  ports.clock.onSleep = () => waiting.cancel();
  expect(await failureOf(waiting.run(activity, input as never))).toMatchObject({ name: 'CancelledFailure' });
  expect(ports.clock.sleeps).toHaveLength(1);
});

test('hands the cancellation to the command that runs', async () => {
  ports.hosts.on(claimScript(name), 'claimed\n');
  const cancelled = new Attempt(ports);
  cancelled.cancel();
  expect(await failureOf(cancelled.run('claimHost', { host, topology: name }))).toMatchObject({
    name: 'CancelledFailure',
  });
  expect(ports.hosts.ran).toEqual([]);
});

test('waits for K3s up the whole ladder', async () => {
  const condition = (type: string): object => ({ status: { conditions: [{ type, status: 'True' }] } });
  ports.hosts.on(unitStateScript, 'activating\n', 'active\nkubeconfig\n');
  ports.kubernetes
    .onGet('/readyz', 200, 'ok')
    .onGet('/api/v1/nodes', 200, { items: [condition('Ready')] })
    .onGet('/apis/apps/v1/namespaces/kube-system/deployments/coredns', 200, condition('Available'))
    .onGet('/api/v1/namespaces/default/serviceaccounts/default', 200, {});
  const waiting = new Attempt(ports);
  expect(await waiting.run('awaitK3s', { host })).toEqual({ changed: [] });
  expect(waiting.heartbeats).toEqual(['k3s.service: activating', 'ready']);
});

test('ships nothing and waits for no image when hosts download by themselves', async () => {
  const input = { host, source: releases, images: ['nats:1'] };
  expect(await attempt(ports, 'ensureImages', input)).toEqual({ changed: [] });
  expect(await attempt(ports, 'ensureTools', { ...input, wanted: { k3s: k3s.version, images: [] } })).toEqual({
    changed: [],
  });
  expect(await attempt(ports, 'awaitImages', input)).toEqual({ changed: [] });
});

test('leaves a K3s that it adopts as it is', async () => {
  ports.hosts.on(k3sFactsScript, 'version=v1.30.0+k3s1\nunit=active\n').on(/\[ -e .*adopted \] \|\| touch/);
  expect(await attempt(ports, 'ensureK3s', { host: { ...host, adopt: true }, source: bundle, k3s })).toEqual({
    changed: [],
  });
});
