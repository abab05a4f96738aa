import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { hubScope, type Scope } from '../../../src/contract/topology/scope.js';
import { DEFAULT_STORES } from '../../../src/contract/topology/stores.js';
import type { Account, NatsSettings } from '../../../src/contract/topology/topology.js';
import { monitorPath } from '../../../src/domain/nats/monitor.js';
import { varzPath } from '../../../src/domain/nats/reload.js';
import { CONNZ_PATH } from '../../../src/domain/nats/strangers.js';
import { startsPod } from '../../../src/parts/nats/reload/certificate-reload.js';
import { orders, outbox } from '../../support/accounts.js';
import type { FakePorts } from '../../support/fakes/ports.js';
import type { FakeSecrets } from '../../support/fakes/secrets.js';
import { emptyClusters, issuedCertificates, named, PartUnderTest } from '../../support/parts/nats-parts.js';
import { firstLeaf } from '../../support/parts/site.js';
import { twoClusters } from '../../support/topologies.js';

const STORAGE_CLASS = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'local-path' } };
const WITHOUT_STREAMS = orders();

const topology = (accounts: Account[] | undefined, more: Partial<NatsSettings> = {}) =>
  twoClusters({ nats: { ...twoClusters().nats, accounts, ...more } });

const SERVERS: [server: string, part: string, app: 'nats-broker' | 'nats-leaf', scopeOf: typeof hubScope][] = [
  ['the broker', 'broker', 'nats-broker', hubScope],
  ['a leaf node', 'leaf-node', 'nats-leaf', firstLeaf],
];

let secrets: FakeSecrets;
beforeAll(async () => {
  secrets = await issuedCertificates(topology([outbox()]));
});

let ports: FakePorts;
beforeEach(() => {
  ports = emptyClusters(secrets);
  for (const app of ['nats-broker', 'nats-leaf'] as const)
    ports.kubernetes.onGet(varzPath(app), 503, {}).onGet(monitorPath(app, 'leafz'), 200, { leafs: [] });
  ports.kubernetes.onGet(CONNZ_PATH, 200, { connections: [] });
});

/** Objects of the steps that a part sees, and of those that replace its pod. */
async function due(part: string, scope: Scope): Promise<{ steps: string[]; restarts: string[] }> {
  const { steps } = await new PartUnderTest(ports, scope, part).see();
  const restarts = steps.filter((step) => step.object.startsWith('StatefulSet/') && startsPod(step));
  return { steps: named(steps), restarts: named(restarts) };
}

const provide = (part: string, scope: Scope): Promise<string[]> => new PartUnderTest(ports, scope, part).provide();

test.each(SERVERS)(
  '%s with accounts starts with a volume, so that a stream comes and goes by a reload',
  async (...of) => {
    const [, part, app, scopeOf] = of;
    ports.kubernetes.put(STORAGE_CLASS);
    expect(await provide(part, scopeOf(topology([WITHOUT_STREAMS])))).toContain(
      `create PersistentVolumeClaim/${app}-data`,
    );
    expect((await due(part, scopeOf(topology([WITHOUT_STREAMS])))).steps).toEqual([]);
    const first = await due(part, scopeOf(topology([outbox()])));
    expect(first.steps).toContain(`change ConfigMap/${app}-config`);
    expect(first.restarts).toEqual([]);
    expect((await due(part, scopeOf(topology([])))).restarts).toEqual([]);
  },
);

test.each(SERVERS)('%s that runs without a volume gets it with the first stream, and not before', async (...of) => {
  const [, part, app, scopeOf] = of;
  const [accounts, streams] = [scopeOf(topology([WITHOUT_STREAMS])), scopeOf(topology([outbox()]))];
  await provide(part, scopeOf(topology(undefined)));
  ports.kubernetes.put(STORAGE_CLASS);
  expect((await due(part, accounts)).steps).toContain(`change ConfigMap/${app}-config`);
  expect((await due(part, accounts)).restarts).toEqual([]);
  expect((await due(part, streams)).restarts).toEqual([`change StatefulSet/${app}`]);
});

test.each(SERVERS)('%s does without a volume where the cluster has no class for it, and works', async (...of) => {
  const [, part, app, scopeOf] = of;
  const steps = await provide(part, scopeOf(topology([WITHOUT_STREAMS])));
  expect(steps).toContain(`create StatefulSet/${app}`);
  expect(steps).not.toContain(`create PersistentVolumeClaim/${app}-data`);
});

test.each<[what: string, accounts: Account[] | undefined]>([
  ['does not speak of accounts', undefined],
  ['has no account', []],
])('a topology that %s gets no volume', async (_what, accounts) => {
  ports.kubernetes.put(STORAGE_CLASS);
  const steps = await provide('broker', hubScope(topology(accounts)));
  expect(steps).toContain('create StatefulSet/nats-broker');
  expect(steps).not.toContain('create PersistentVolumeClaim/nats-broker-data');
});

test('a volume that is smaller than the default is not refused before there is a stream', async () => {
  const jetstream = { ...DEFAULT_STORES, broker: { maxFile: '5Gi', maxMemory: '64Mi' } };
  await provide('broker', hubScope(topology([outbox()], { jetstream })));
  expect((await due('broker', hubScope(topology([WITHOUT_STREAMS])))).restarts).toEqual([]);
});
