import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Account, NatsSettings } from '../../../src/contract/topology/topology.js';
import { hubScope, type Scope } from '../../../src/contract/topology/scope.js';
import { DEFAULT_STORES } from '../../../src/contract/topology/stores.js';
import { apiStateScript } from '../../../src/domain/k3s/api-state.js';
import { monitorPath } from '../../../src/domain/nats/monitor.js';
import { streamFilesScript } from '../../../src/domain/nats/streams/files.js';
import { varzPath } from '../../../src/domain/nats/reload.js';
import { CONNZ_PATH } from '../../../src/domain/nats/strangers.js';
import { messagesHeld } from '../../../src/parts/nats/streams/messages-held.js';
import { outbox } from '../../support/accounts.js';
import { failureOf } from '../../support/errors.js';
import { fakePorts, type FakePorts } from '../../support/fakes/ports.js';
import type { FakeSecrets } from '../../support/fakes/secrets.js';
import { emptyClusters, issuedCertificates, named, PartUnderTest } from '../../support/parts/nats-parts.js';
import { siteOf } from '../../support/parts/site.js';
import { twoClusters } from '../../support/topologies.js';

const VOLUME = 'PersistentVolumeClaim/nats-broker-data';
const JSZ = monitorPath('nats-broker', 'jsz?accounts=true&streams=true');

const topology = (accounts: Account[], more: Partial<NatsSettings> = {}) =>
  twoClusters({ nats: { ...twoClusters().nats, accounts, ...more } });
const KEEPS = hubScope(topology([outbox()]));
const withRoomFor = (maxFile: string): Scope =>
  hubScope(topology([outbox()], { jetstream: { ...DEFAULT_STORES, broker: { maxFile, maxMemory: '64Mi' } } }));

let secrets: FakeSecrets;
beforeAll(async () => {
  secrets = await issuedCertificates(topology([outbox()]));
});

let ports: FakePorts;
beforeEach(async () => {
  ports = emptyClusters(secrets);
  expect(named((await brokerFor(KEEPS).see()).steps)).toContain(`create ${VOLUME}`);
  await brokerFor(KEEPS).provide();
  ports.kubernetes.onGet(varzPath('nats-broker'), 503, {});
  ports.kubernetes.onGet(CONNZ_PATH, 200, { connections: [] });
  ports.kubernetes.onGet(monitorPath('nats-broker', 'leafz'), 200, { leafs: [] });
});

const brokerFor = (scope: Scope): PartUnderTest => new PartUnderTest(ports, scope, 'broker');
const stepsOnVolume = async (scope: Scope): Promise<string[]> =>
  named((await brokerFor(scope).see()).steps).filter((step) => step.endsWith(VOLUME));

test.each([
  ['as much', '10Gi'],
  ['less', '5Gi'],
])('a volume that is there stays as it is when %s is asked for', async (_, size) => {
  expect(await stepsOnVolume(withRoomFor(size))).toEqual([]);
});

test('a volume is never made again to be larger: its streams would be lost', async () => {
  const { code, message, hint } = await failureOf(brokerFor(withRoomFor('20Gi')).see());
  expect(code).toBe('VOLUME_TOO_SMALL');
  expect(message).toContain('10Gi');
  expect(message).toContain('20Gi');
  expect(hint).toContain('set maxFile to 10Gi or less');
});

test('a volume outlasts the streams that the topology had, and goes with the broker', async () => {
  const without = hubScope(topology([]));
  expect(await stepsOnVolume(without)).toEqual([]);
  expect(named((await brokerFor(without).seeForRemoval()).steps)).toContain(`delete ${VOLUME}`);
});

/** The claim is bound to a directory of the host. */
function bound(files: string): void {
  const metadata = { name: 'nats-broker-data', namespace: 'nats-system' };
  const spec = { local: { path: '/srv/pvc-1' } };
  const volume = { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'pvc-1' }, spec };
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: { volumeName: 'pvc-1' } };
  ports.kubernetes.put(claim).put(volume);
  ports.hosts.on(streamFilesScript('/srv/pvc-1'), files);
}

const UNKNOWN = ['cluster-a: there is a volume for streams, and no NATS server that says what they hold'];
const STREAM_FILES = 'jetstream/ORDERS/streams/ACKS/\n';

test.each<[what: string, status: number, page: object, files: string, held: string[]]>([
  [
    'messages',
    200,
    { account_details: [{ name: 'ORDERS', stream_detail: [{ name: 'ACKS', state: { messages: 3 } }] }] },
    STREAM_FILES,
    ['cluster-a: stream ACKS of account ORDERS holds 3 messages'],
  ],
  [
    'empty streams',
    200,
    { account_details: [{ name: 'ORDERS', stream_detail: [{ name: 'ACKS', state: {} }] }] },
    STREAM_FILES,
    [],
  ],
  ['a server that does not respond, where there are streams', 503, {}, STREAM_FILES, UNKNOWN],
  ['a server that does not respond, where there are none', 503, {}, '', []],
  ['a directory that is not there', 503, {}, 'unknown\n', UNKNOWN],
  ['a server that keeps streams no more, where there are some', 200, { disabled: true }, STREAM_FILES, UNKNOWN],
])('a teardown hears of %s', async (_, status, page, files, held) => {
  bound(files);
  ports.kubernetes.onGet(JSZ, status, page);
  expect(await messagesHeld(siteOf(ports, KEEPS))).toEqual(held);
});

test('a volume that no pod has used yet holds nothing', async () => {
  ports.kubernetes.onGet(JSZ, 503, {});
  expect(await messagesHeld(siteOf(ports, KEEPS))).toEqual([]);
});

test('a K3s that does not respond may hold messages, where the topology has streams', async () => {
  ports = fakePorts({ secrets });
  ports.hosts.on(apiStateScript, 'installed\nkubeconfig\n');
  expect(await messagesHeld(siteOf(ports, KEEPS))).toEqual([
    'cluster-a: K3s does not respond, so what its streams hold is not known',
  ]);
  expect(await messagesHeld(siteOf(ports, hubScope(topology([]))))).toEqual([]);
});

test('where no volume was made, no server is asked', async () => {
  ports = emptyClusters(secrets);
  expect(await messagesHeld(siteOf(ports, KEEPS))).toEqual([]);
});

const ORDERS_HOLD = {
  account_details: [{ name: 'ORDERS', stream_detail: [{ name: 'ACKS', state: { messages: 3 } }] }],
};

test('an account whose streams hold messages does not leave without being asked to', async () => {
  ports.kubernetes.onGet(JSZ, 200, ORDERS_HOLD);
  const { code, message } = await failureOf(brokerFor(hubScope(topology([]))).see());
  expect(code).toBe('STREAMS_HOLD_MESSAGES');
  expect(message).toContain('stream ACKS of account ORDERS holds 3 messages');
});

test('with --delete-data its streams go before the account does', async () => {
  ports.kubernetes.onGet(JSZ, 200, ORDERS_HOLD);
  const { steps } = await brokerFor(hubScope({ ...topology([]), deleteData: true })).see();
  expect(named(steps).slice(0, 2)).toEqual([
    'delete stream ACKS of account ORDERS',
    'change ConfigMap/nats-broker-config',
  ]);
});
