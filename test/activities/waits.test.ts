import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { PartActivities } from '../../src/activities/parts.js';
import type { ErrorCode } from '../../src/contract/errors.js';
import { hostOf, hubScope, type Scope } from '../../src/contract/topology/scope.js';
import { renderK3sConfig } from '../../src/domain/k3s/config.js';
import { imageListScript, importFailureScript } from '../../src/domain/k3s/images.js';
import { k3sFactsScript, unitStateScript } from '../../src/domain/k3s/install.js';
import { warningsPath } from '../../src/domain/kubernetes/pod-events.js';
import { confScript, varzPath } from '../../src/domain/nats/reload.js';
import { CONNZ_PATH } from '../../src/domain/nats/strangers.js';
import { BUNDLE_SOURCE } from '../support/bundle.js';
import { claimedHost } from '../support/parts/claimed-host.js';
import { failureOf } from '../support/errors.js';
import { Attempt, attempt, type FakePorts } from '../support/fakes/ports.js';
import type { FakeSecrets } from '../support/fakes/secrets.js';
import { issuedCertificates } from '../support/parts/nats-parts.js';
import { podWaiting } from '../support/parts/pods.js';
import { firstLeaf } from '../support/parts/site.js';
import { meshMode, twoClusters } from '../support/topologies.js';

type PartActivity = Extract<keyof PartActivities, string>;

const HUB = hubScope(twoClusters());
const LEAF = firstLeaf();
const BUNDLED = hubScope(twoClusters({ artifacts: BUNDLE_SOURCE }));
const BUNDLED_LEAF = firstLeaf(twoClusters({ artifacts: BUNDLE_SOURCE }));
const MESHED_HUB = hubScope(twoClusters(meshMode));
const MESHED_LEAF = firstLeaf(twoClusters(meshMode));
const { k3s } = HUB.settings;
const k3sFacts = `version=${k3s.version}\nunit=active\nenabled=yes\ncurrent=yes\nconfig=\n${renderK3sConfig(hostOf(HUB), k3s)}`;

let issued: FakeSecrets;
beforeAll(async () => {
  issued = await issuedCertificates();
});

let ports: FakePorts;
beforeEach(() => {
  ports = claimedHost(issued);
});

/** Nothing gets ready. */
const stall = ({ hosts, kubernetes }: FakePorts): void => {
  kubernetes.slow = Infinity;
  kubernetes.onGet('/api/v1/nodes', 200, { items: [] }).onPods('app=nats-broker', ['nats-broker-0']);
  kubernetes.onPods('app=controller', []);
  hosts
    .on(/--no-block restart k3s/)
    .on(k3sFactsScript, k3sFacts)
    .on(unitStateScript, 'activating\n')
    .on(imageListScript, 'docker.io/library/nats:2.15.2-alpine\n')
    .on(importFailureScript);
};

const WAITS: [PartActivity, Scope, saw: string, type: ErrorCode][] = [
  ['ensure k3s', BUNDLED, 'api-server-ready: the API server is not ready: k3s.service: activating', 'K3S_NOT_READY'],
  ['ensure images', BUNDLED, 'images-imported: K3s has not imported natsio/nats-box:0.19.7', 'NOT_READY'],
  ['ensure broker', HUB, 'broker-ready: the broker is not ready: 0 of 1 pods of nats-broker are ready', 'NOT_READY'],
  ['ensure leaf-node', LEAF, 'leaf-ready: the leaf node is not ready: 0 of 1 pods of nats-leaf are ready', 'NOT_READY'],
  ['ensure publisher', HUB, '0 of 1 pods of publisher are available', 'NOT_READY'],
  ['ensure link', MESHED_LEAF, 'Secret link-cluster-b-token has no token yet', 'NOT_READY'],
  ['ensure mesh-policy', MESHED_HUB, 'the node has no range for its pods', 'NOT_READY'],
  ['remove broker', HUB, 'still ending: nats-broker-0', 'NOT_READY'],
];

test.each(WAITS)('%s says what it waits for, and what it saw last', async (activity, scope, saw, type) => {
  stall(ports);
  const waiting = new Attempt(ports);
  expect(await failureOf(waiting.run(activity, { scope }))).toMatchObject({ type, nonRetryable: false });
  expect(waiting.heartbeats).toContain(saw);
});

test('an image that cannot be pulled ends the wait within a minute, with the image and the remedy', async () => {
  stall(ports);
  const message = 'Back-off pulling image "nats:9": not found';
  ports.kubernetes.onPodsSeen('app=nats-leaf', podWaiting({ reason: 'ImagePullBackOff', message }));
  const startedAt = ports.clock.now();
  expect(await failureOf(attempt(ports, 'ensure leaf-node', { scope: LEAF }))).toMatchObject({
    type: 'IMAGE_PULL_FAILED',
    nonRetryable: true,
    message: expect.stringMatching(/ready; pod nats-broker-0: ImagePullBackOff: .*nats:9": not found/),
    details: [expect.objectContaining({ hint: expect.stringContaining('correct the image in the topology') })],
  });
  expect(ports.clock.now() - startedAt).toBeLessThan(60_000);
});

test('a pull of an image that is not in the bundle ends within a minute too', async () => {
  stall(ports);
  ports.kubernetes.onPodsSeen('app=nats-leaf', podWaiting({ reason: 'ImagePullBackOff' }));
  ports.hosts.first(imageListScript, 'docker.io/library/nats:2.15.2-alpine\n');
  const startedAt = ports.clock.now();
  expect(await failureOf(attempt(ports, 'ensure leaf-node', { scope: BUNDLED_LEAF }))).toMatchObject({
    type: 'IMAGE_PULL_FAILED',
  });
  expect(ports.clock.now() - startedAt).toBeLessThan(60_000);
});

test('a pull that an import makes good is outlasted, and the node is asked every five seconds', async () => {
  stall(ports);
  ports.kubernetes.onPodsSeen('app=nats-leaf', podWaiting({ reason: 'ImagePullBackOff' }));
  ports.hosts.first(imageListScript, '', '', 'docker.io/library/nats:9\n');
  ports.kubernetes.slow = 500;
  const startedAt = ports.clock.now();
  const { steps } = await attempt(ports, 'ensure leaf-node', { scope: BUNDLED_LEAF });
  expect(steps).not.toEqual([]);
  expect(ports.clock.now() - startedAt).toBeGreaterThan(60_000);
  expect(ports.hosts.ran.filter((script) => script === imageListScript).length).toBeLessThan(25);
});

test('an image file that K3s cannot import ends the wait within a minute, with what K3s says', async () => {
  stall(ports);
  const said =
    'level=error msg="Failed to process image event: failed to import /var/lib/x.tar: no space left on device"';
  ports.hosts.first(importFailureScript, `${said}\n`);
  const startedAt = ports.clock.now();
  expect(await failureOf(attempt(ports, 'ensure images', { scope: BUNDLED }))).toMatchObject({
    type: 'IMAGE_IMPORT_FAILED',
    nonRetryable: true,
    message: expect.stringContaining('no space left on device'),
    details: [expect.objectContaining({ hint: expect.stringContaining('make room') })],
  });
  expect(ports.clock.now() - startedAt).toBeLessThan(60_000);
});

test('a pull that fails for a moment is outlasted', async () => {
  stall(ports);
  ports.kubernetes.onPodsSeen('app=nats-leaf', podWaiting({ reason: 'ErrImagePull' }));
  ports.kubernetes.slow = 200;
  const { steps } = await attempt(ports, 'ensure leaf-node', { scope: LEAF });
  expect(steps).not.toEqual([]);
});

test('a container that ends again and again ends the wait with the last line of its log', async () => {
  stall(ports);
  ports.kubernetes.onPodsSeen('app=publisher', podWaiting({ reason: 'CrashLoopBackOff', restarts: 3 }));
  ports.kubernetes.onLogs('starting\nnats: unknown flag --force-stdin\n');
  expect(await failureOf(attempt(ports, 'ensure publisher', { scope: HUB }))).toMatchObject({
    type: 'POD_CRASHES',
    nonRetryable: true,
    message: expect.stringMatching(/last OOMKilled, exit code 137: nats: unknown flag --force-stdin$/),
  });
});

test('a pod whose sandbox cannot be made ends the wait within a minute, with what the kubelet says', async () => {
  stall(ports);
  const pod = podWaiting({ reason: 'ContainerCreating', startTime: new Date(ports.clock.now()) });
  ports.kubernetes.onPodsSeen('app=nats-leaf', pod);
  const message = 'plugin type="bridge" failed (add): /var/lib/cni/networks/cbr0 is not a directory';
  ports.kubernetes.onGet(warningsPath(pod), 200, {
    items: [{ reason: 'FailedCreatePodSandBox', message, involvedObject: {} }],
  });
  const startedAt = ports.clock.now();
  expect(await failureOf(attempt(ports, 'ensure leaf-node', { scope: LEAF }))).toMatchObject({
    type: 'POD_CRASHES',
    nonRetryable: true,
    message: expect.stringContaining(`pod nats-broker-0: FailedCreatePodSandBox: ${message}`),
    details: [expect.objectContaining({ hint: 'kubectl -n nats-system describe pod nats-broker-0' })],
  });
  expect(ports.clock.now() - startedAt).toBeLessThan(60_000);
});

test('a K3s that ends soon after each start ends the wait within a minute, with what it says', async () => {
  stall(ports);
  ports.hosts.first(unitStateScript, 'activating\nrestarts=3\nsaid=level=fatal msg="no such flag"\n');
  const startedAt = ports.clock.now();
  expect(await failureOf(attempt(ports, 'ensure k3s', { scope: BUNDLED }))).toMatchObject({
    type: 'K3S_CRASHES',
    nonRetryable: true,
    message: 'vm-a: K3s ends soon after each start (k3s.service: activating, 3 restarts) (no such flag)',
  });
  expect(ports.clock.now() - startedAt).toBeLessThan(40_000);
});

test.each(WAITS)('%s ends its wait when it is cancelled', async (activity, scope) => {
  stall(ports);
  const waiting = new Attempt(ports);
  ports.clock.onSleep = () => waiting.cancel();
  expect(await failureOf(waiting.run(activity, { scope }))).toMatchObject({ name: 'CancelledFailure' });
  expect(ports.clock.sleeps).toHaveLength(1);
});

test('the reload of the broker says how far it has come', async () => {
  await attempt(ports, 'ensure broker', { scope: HUB });
  ports.kubernetes.onGet(varzPath('nats-broker'), 200, {}).onGet(CONNZ_PATH, 200, {});
  ports.hosts.on(confScript('nats-broker'), `${'0'.repeat(64)}  -`).on(/nats-broker-0/);
  const reloading = new Attempt(ports);
  expect(await failureOf(reloading.run('ensure broker', { scope: HUB }))).toMatchObject({ type: 'NOT_READY' });
  expect(reloading.heartbeats).toContain('the new configuration is not in the pod yet');
});

test('the cancellation reaches the commands of the attempt', async () => {
  stall(ports);
  const waiting = new Attempt(ports);
  ports.clock.onSleep = () => waiting.cancel();
  await failureOf(waiting.run('ensure k3s', { scope: BUNDLED }));
  expect(ports.hosts.options.every(({ signal }) => signal.aborted)).toBe(true);
});

test('nothing runs in an attempt that is cancelled before it starts', async () => {
  const cancelled = new Attempt(ports);
  cancelled.cancel();
  expect(await failureOf(cancelled.run('ensure claim', { scope: HUB }))).toMatchObject({ name: 'CancelledFailure' });
  expect(ports.hosts.ran).toEqual([]);
});
