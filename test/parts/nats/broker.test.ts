import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { hubScope, type Scope } from '../../../src/contract/topology/scope.js';
import { apiStateScript } from '../../../src/domain/k3s/api-state.js';
import { brokerConf } from '../../../src/domain/nats/conf.js';
import { monitorPath } from '../../../src/domain/nats/monitor.js';
import { confScript, nudgeScript, reloadScript, varzPath } from '../../../src/domain/nats/reload.js';
import { CONNZ_PATH } from '../../../src/domain/nats/strangers.js';
import { failureOf } from '../../support/errors.js';
import { FakeNats } from '../../support/fakes/nats.js';
import { fakePorts, type FakePorts } from '../../support/fakes/ports.js';
import type { FakeSecrets } from '../../support/fakes/secrets.js';
import { sha256 } from '../../support/material.js';
import { emptyClusters, issuedCertificates, named, PartUnderTest } from '../../support/parts/nats-parts.js';
import { siteOf } from '../../support/parts/site.js';
import { twoClusters, twoLeaves } from '../../support/topologies.js';
import { partNamed } from '../../../src/parts/list.js';

const ONE = hubScope(twoClusters());
const TWO = hubScope(twoClusters({ leaves: twoLeaves() }));
const LEAFZ = monitorPath('nats-broker', 'leafz');
const RELOAD = 'reload configuration of the broker';

const shaOf = ({ leaves }: Scope): string =>
  sha256(brokerConf({ cluster: 'cluster-a', leaves, subject: 'test.messages', accounts: [] }));
/** The server's digest of a file is not the file's own. */
const digestOf = (file: string): string => `sha256:${file.split('').reverse().join('')}`;
const inPod = (file: string): string => `${file}  -\nnats-server: /etc/nats/nats.conf is valid (${digestOf(file)})\n`;
const [before, after] = [shaOf(ONE), shaOf(TWO)];

let secrets: FakeSecrets;
beforeAll(async () => {
  secrets = await issuedCertificates();
});

let ports: FakePorts;
beforeEach(() => {
  ports = emptyClusters(secrets);
  connected();
  linked();
  ports.hosts.on(nudgeScript('nats-broker', after)).on(reloadScript('nats-broker'));
});

const brokerFor = (scope: Scope): PartUnderTest => new PartUnderTest(ports, scope, 'broker');
const loads = (file: string): void =>
  void ports.kubernetes.onGet(varzPath('nats-broker'), 200, { config_digest: digestOf(file) });
const link = (cid: number, leaf: string) => ({ cid, kind: 'Leafnode', authorized_user: `leaf-${leaf}.nats.local` });
const connected = (...connections: object[]): void =>
  void ports.kubernetes.onGet(CONNZ_PATH, 200, { server_id: 'NABC', connections });
const linked = (...leaves: string[]): void =>
  void ports.kubernetes.onGet(LEAFZ, 200, { leafs: leaves.map((leaf) => ({ name: `leaf-${leaf}`, account: 'APP' })) });

/** A broker of one leaf that has loaded its configuration. */
async function running(...podsSee: string[]): Promise<void> {
  await brokerFor(ONE).provide();
  loads(before);
  ports.hosts.on(confScript('nats-broker'), ...(podsSee.length === 0 ? [inPod(before)] : podsSee));
  ports.hosts.ran.length = 0;
}
const ran = (): string[] =>
  ports.hosts.ran.filter((script) => script === reloadScript('nats-broker') || /annotate/.test(script));
/** The broker has loaded the file when the n-th sleep is over. */
const loadsAtSleep = (n: number): void => {
  ports.clock.onSleep = () => {
    if (ports.clock.sleeps.length === n - 1) loads(after);
  };
};

test('a broker that runs as wanted has nothing to do', async () => {
  await running();
  expect(await brokerFor(ONE).provide()).toEqual([]);
});

test('a pod that cannot be asked is not taken for one with another configuration', async () => {
  await running('error: fork/exec /usr/local/bin/k3s: exec format error\n');
  expect(await brokerFor(ONE).provide()).toEqual([]);
});

test('a leaf that joins is a reload: the pod is nudged, then the server, and the broker itself confirms', async () => {
  await running(inPod(before), inPod(before), inPod(after));
  loadsAtSleep(2);
  const { steps, act } = await brokerFor(TWO).see();
  expect(named(steps)).toEqual(['change ConfigMap/nats-broker-config', RELOAD]);
  await act(steps);
  expect(ran()).toEqual([nudgeScript('nats-broker', after), reloadScript('nats-broker')]);
  expect(await brokerFor(TWO).provide()).toEqual([]);
});

test('a file that is in the pod already needs no nudge', async () => {
  await running(inPod(after));
  loadsAtSleep(1);
  await brokerFor(TWO).provide();
  expect(ran()).toEqual([reloadScript('nats-broker')]);
});

test('a configuration that was changed by hand is a reload, whether it has reached the pod or not', async () => {
  await running();
  ports.kubernetes.edit({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'nats-broker-config', namespace: 'nats-system' },
  });
  expect(named((await brokerFor(ONE).see()).steps)).toEqual(['change ConfigMap/nats-broker-config', RELOAD]);
});

test.each<[what: string, inPod: string, loaded: string]>([
  ['another file in its pod', inPod(after), before],
  ['a file that it has not loaded', inPod(before), after],
  ['a file that the server refuses', `${before}  -\nnats-server: unknown field "x"\n`, before],
])('a broker with %s is reloaded', async (_what, seen, loaded) => {
  await running(seen);
  loads(loaded);
  expect(named((await brokerFor(ONE).see()).steps)).toEqual([RELOAD]);
});

test('a configuration that the server refuses is named, with what it says', async () => {
  await running(inPod(before), `${after}  -\nnats-server: /etc/nats/nats.conf:3:1: unknown field "x"\n`);
  expect(await failureOf(brokerFor(TWO).provide())).toMatchObject({
    code: 'NOT_READY',
    message: expect.stringContaining('the server refuses its configuration'),
  });
});

test('an image without a shell is named at once: nobody could tell whether the configuration has arrived', async () => {
  await running(inPod(before), 'exec failed: exec: "sh": executable file not found in $PATH\n');
  expect(await failureOf(brokerFor(TWO).provide())).toMatchObject({
    code: 'NATS_IMAGE_UNFIT',
    hint: expect.stringContaining('nats.images.server'),
  });
  expect(ports.clock.sleeps).toEqual([]);
});

test('the connection of a leaf that left the topology is cut, and no other one', async () => {
  await running();
  connected(
    { cid: 5, kind: 'Client', authorized_user: 'publisher.nats.local' },
    link(7, 'cluster-b'),
    link(8, 'cluster-c'),
  );
  ports.clock.onSleep = () => connected(link(7, 'cluster-b'));
  expect(await brokerFor(ONE).provide()).toEqual(['delete connection of leaf-cluster-c.nats.local']);
  expect(ports.nats.messages).toEqual([
    { subject: '$SYS.REQ.SERVER.NABC.KICK', text: '{"cid":8}', reply: expect.any(String) },
  ]);
  expect([...new Set(ports.hosts.tunnels)]).toEqual(['vm-a → 10.43.0.9:4222']);
  expect([ports.nats.open, ports.hosts.tunnelsOpen]).toEqual([0, 0]);
  expect(await brokerFor(ONE).provide()).toEqual([]);
});

test.each<[what: string, nats: FakeNats, failure: object]>([
  [
    'that stays linked is named',
    new FakeNats(() => undefined),
    { code: 'NOT_READY', message: expect.stringContaining('leaf-cluster-c.nats.local is still linked') },
  ],
  [
    'cannot be cut where the broker lets nobody in',
    new FakeNats(() => new Error('tls: bad certificate')),
    { message: 'tls: bad certificate' },
  ],
])('a former leaf %s, and what was opened is closed', async (_what, nats, failure) => {
  await running();
  connected(link(8, 'cluster-c'));
  ports.nats = nats;
  expect(await failureOf(brokerFor(ONE).provide())).toMatchObject(failure);
  expect([nats.open, ports.hosts.tunnelsOpen]).toEqual([0, 0]);
});

test('teardown waits until the broker lists none of the leaf nodes, then until its pod is gone', async () => {
  await brokerFor(TWO).provide();
  ports.kubernetes.onPods('app=nats-broker', ['nats-broker-0'], []);
  linked('cluster-b', 'cluster-c');
  ports.clock.onSleep = () => linked(...(ports.clock.sleeps.length === 0 ? ['cluster-b'] : ['cluster-x']));
  expect(await brokerFor(TWO).remove()).toContain('delete StatefulSet/nats-broker');
  expect(ports.clock.sleeps).toHaveLength(3);
  expect(ports.kubernetes.graces.get('StatefulSet/nats-broker')).toBe(2);
});

test('a leaf node that stays linked does not hold the teardown up for good', async () => {
  await brokerFor(ONE).provide();
  ports.kubernetes.onPods('app=nats-broker', []);
  linked('cluster-b');
  expect(await brokerFor(ONE).remove()).toContain('delete StatefulSet/nats-broker');
  expect(ports.clock.sleeps.reduce((all, each) => all + each, 0)).toBe(90_000);
});

test.each<[what: string, status: number, body: unknown]>([
  ['does not respond', 503, 'no endpoints available'],
  ['lists no leaf node at all', 200, {}],
])('a broker that %s has no leaf nodes to wait for', async (_what, status, body) => {
  await brokerFor(ONE).provide();
  ports.kubernetes.onPods('app=nats-broker', []).onGet(LEAFZ, status, body);
  await brokerFor(ONE).remove();
  expect(ports.clock.sleeps).toEqual([]);
});

test('a removal that was cut off while the pod was ending waits for it again', async () => {
  await brokerFor(ONE).provide();
  ports.kubernetes.onPods('app=nats-broker', ['nats-broker-0']);
  expect(await failureOf(brokerFor(ONE).remove())).toMatchObject({
    code: 'NOT_READY',
    message: expect.stringContaining('still ending: nats-broker-0'),
  });
  expect(named((await brokerFor(ONE).seeForRemoval()).steps)).toEqual(['delete Pod/nats-broker-0']);
});

test('a removal asks nothing of a cluster that is not there', async () => {
  const bare = fakePorts({ secrets });
  bare.hosts.on(apiStateScript, '');
  const { steps } = await partNamed(ONE, 'broker').seeForRemoval(siteOf(bare, ONE));
  expect(steps).toEqual([]);
});

test('the broker is confirmed when its pod is up', async () => {
  await brokerFor(ONE).provide();
  ports.kubernetes.slow = 3;
  await brokerFor(ONE).confirm();
  expect(ports.clock.sleeps.length).toBeGreaterThan(2);
});
