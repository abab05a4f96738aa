import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Scope } from '../../../src/contract/topology/scope.js';
import type { Account } from '../../../src/contract/topology/topology.js';
import { subjectsOf } from '../../../src/domain/nats/accounts-conf.js';
import { leafConf } from '../../../src/domain/nats/conf.js';
import { leafRole } from '../../../src/domain/nats/names.js';
import { clientOf, leafServer } from '../../../src/domain/pki/profiles.js';
import { linkCertificate } from '../../../src/domain/accounts/names.js';
import { certificatesInPodScript, confScript, reloadScript, varzPath } from '../../../src/domain/nats/reload.js';
import { orders } from '../../support/accounts.js';
import { sha256 } from '../../support/material.js';
import { metricsPath } from '../../../src/domain/multicluster/connections.js';
import { monitorPath } from '../../../src/domain/nats/monitor.js';
import { partNamed } from '../../../src/parts/list.js';
import { failureOf } from '../../support/errors.js';
import type { FakePorts } from '../../support/fakes/ports.js';
import type { FakeSecrets } from '../../support/fakes/secrets.js';
import { emptyClusters, issuedCertificates, named, PartUnderTest } from '../../support/parts/nats-parts.js';
import { firstLeaf } from '../../support/parts/site.js';
import { GATEWAY, LOAD_BALANCER, meshMode, twoClusters } from '../../support/topologies.js';

const DIRECT = firstLeaf();
const MESHED = firstLeaf(twoClusters(meshMode));
const MIRROR = 'nats-broker-cluster-a.nats-system.svc.cluster.local:7422';
const MIRROR_SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'nats-broker-cluster-a', namespace: 'nats-system' },
};
const POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'nats-leaf-0', namespace: 'nats-system' } };
const NOW = `192.0.2.10:${GATEWAY.port}`;
const RESTART = 'restart Pod/nats-leaf-0';

let secrets: FakeSecrets;
beforeAll(async () => {
  secrets = await issuedCertificates();
});

let ports: FakePorts;
beforeEach(() => {
  ports = emptyClusters(secrets);
});

const leafFor = (scope: Scope): PartUnderTest => new PartUnderTest(ports, scope, 'leaf-node');

/** A leaf node whose server dialled `ip`, and whose proxy has the connection to `target`. */
async function linked(ip: string, target: string): Promise<void> {
  await leafFor(MESHED).provide();
  const spoke = { name: 'broker-cluster-a', account: 'APP', is_spoke: true, ip, port: 7422 };
  ports.kubernetes
    // The fake gives every Service the address 10.43.0.9.
    .put(MIRROR_SERVICE)
    .put(POD)
    .onGet(monitorPath('nats-leaf', 'leafz'), 200, { leafs: [spoke] })
    .onGet(
      metricsPath('nats-leaf'),
      200,
      `tcp_open_connections{direction="outbound",peer="dst",authority="${MIRROR}",target_addr="${target}",tls="true"} 1\n`,
    );
}

test.each<[way: string, ip: string, target: string, because: string]>([
  ['a mirrored Service that was made again', '10.43.0.8', NOW, '10.43.0.8:7422'],
  ['a gateway that has moved', '10.43.0.9', '192.0.2.10:4143', '192.0.2.10:4143'],
])('a leaf node whose link still goes by %s is restarted', async (_way, ip, target, former) => {
  await linked(ip, target);
  const { steps, act } = await leafFor(MESHED).see();
  expect(named(steps)).toEqual([RESTART]);
  expect(steps[0]?.because).toBe(`its link goes by ${former}, which is no longer the route`);
  await act(steps);
  expect(ports.kubernetes.names()).not.toContain('Pod/nats-leaf-0');
});

test('the plan foresees the restart before the gateway has moved', async () => {
  await linked('10.43.0.9', NOW);
  const moved = firstLeaf(twoClusters({ link: { mode: 'mesh', gateway: LOAD_BALANCER } }));
  expect(named((await leafFor(moved).see()).steps)).toEqual([RESTART]);
});

test('the plan foresees the restart while the mirrored Service is still to be made again', async () => {
  await linked('10.43.0.9', NOW);
  await ports.kubernetes.remove(MIRROR_SERVICE);
  expect(named((await leafFor(MESHED).see()).steps)).toEqual([RESTART]);
});

test('a link that goes the wanted way stays', async () => {
  await linked('10.43.0.9', NOW);
  expect(await leafFor(MESHED).provide()).toEqual([]);
});

test('a leaf node that gets another pod anyway is not restarted twice', async () => {
  await linked('10.43.0.8', NOW);
  const { nats } = twoClusters();
  const images = { ...nats.images, server: 'nats:2.15.3-alpine' };
  const { steps } = await leafFor(firstLeaf(twoClusters({ ...meshMode, nats: { ...nats, images } }))).see();
  expect(named(steps)).toEqual(['change StatefulSet/nats-leaf']);
});

/** The leaf node's pod sees its configuration file, and its server has loaded the one of an earlier look. */
function reloads(scope: Scope): void {
  const { cluster, settings } = scope;
  const conf = leafConf({ ...subjectsOf(settings.nats), cluster: cluster.name, remote: '192.0.2.10:30722' });
  const file = sha256(conf);
  ports.kubernetes.onGet(varzPath('nats-leaf'), 200, { config_digest: 'sha256:0' });
  ports.hosts
    .first(confScript('nats-leaf'), `${file}  -\nnats-server: /etc/nats/nats.conf is valid (sha256:1)\n`)
    .on(reloadScript('nats-leaf'));
  ports.clock.onSleep = () => {
    if (ports.hosts.ran.includes(reloadScript('nats-leaf')))
      ports.kubernetes.onGet(varzPath('nats-leaf'), 200, { config_digest: 'sha256:1' });
  };
}

const withAccounts = (...accounts: Account[]): Scope =>
  firstLeaf(twoClusters({ nats: { ...twoClusters().nats, accounts, demo: true } }));

test('an account that comes is a reload of the leaf node, and no other pod', async () => {
  secrets = await issuedCertificates(twoClusters({ nats: { ...twoClusters().nats, accounts: [orders()] } }));
  ports = emptyClusters(secrets);
  await leafFor(withAccounts()).provide();
  const after = withAccounts(orders());
  reloads(after);
  const names = [leafServer('cluster-b'), clientOf(leafRole('cluster-b')), linkCertificate('ORDERS', 'cluster-b')];
  const pems = await Promise.all(names.map(async (name) => String(await secrets.read('plant-7', `${name}.crt`))));
  ports.hosts.on(certificatesInPodScript('nats-leaf', ['ORDERS']), `${sha256(pems.join(''))}  -`);
  ports.nats.shows = pems[0];
  expect(await leafFor(after).provide()).toEqual([
    'change ConfigMap/nats-leaf-config',
    'change StatefulSet/nats-leaf',
    'reload certificates of the NATS server',
    'reload configuration of the leaf node',
  ]);
  expect(await leafFor(after).provide()).toEqual([]);
});

test('a reload that was cut off is made up for', async () => {
  await leafFor(withAccounts()).provide();
  const other = firstLeaf(twoClusters({ nats: { ...twoClusters().nats, subject: 'other.messages' } }));
  ports.hosts.on(confScript('nats-leaf'), new Error('cut off'));
  ports.kubernetes.onGet(varzPath('nats-leaf'), 200, {});
  await expect(leafFor(other).provide()).rejects.toThrow('cut off');
  reloads(other);
  expect(await leafFor(other).provide()).toEqual([
    'change StatefulSet/nats-leaf',
    'reload configuration of the leaf node',
  ]);
});

test('a configuration that was changed by hand is put back, and the leaf node loads it', async () => {
  await leafFor(DIRECT).provide();
  reloads(DIRECT);
  ports.kubernetes.put(POD).edit({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'nats-leaf-config', namespace: 'nats-system' },
  });
  expect(await leafFor(DIRECT).provide()).toEqual([
    'change ConfigMap/nats-leaf-config',
    'reload configuration of the leaf node',
  ]);
  expect(ports.kubernetes.names()).toContain('Pod/nats-leaf-0');
  expect(await leafFor(DIRECT).provide()).toEqual([]);
});

test('a leaf node that does not respond has no link to look at', async () => {
  await linked('10.43.0.8', NOW);
  ports.kubernetes.onGet(monitorPath('nats-leaf', 'leafz'), 503, '').onGet(metricsPath('nats-leaf'), 503, '');
  expect(await leafFor(MESHED).provide()).toEqual([]);
});

test('in link mode direct the link goes straight to the broker: its path is not looked at', async () => {
  await leafFor(DIRECT).provide();
  expect(await leafFor(DIRECT).provide()).toEqual([]);
});

test.each([
  [
    'direct',
    DIRECT,
    [
      { address: '192.0.2.10', port: 30_722 },
      { address: '192.0.2.10', port: 30_422, optional: true },
    ],
  ],
  ['mesh', MESHED, []],
] as const)('in link mode %s the host must reach what the leaf node dials itself', (_mode, scope, targets) => {
  expect(partNamed(scope, 'leaf-node').dials?.(scope)).toEqual(targets);
});

test('a removal gives the pod 2 s and waits until it is gone', async () => {
  await leafFor(DIRECT).provide();
  ports.kubernetes.onPods('app=nats-leaf', ['nats-leaf-0'], []);
  expect(await leafFor(DIRECT).remove()).toContain('delete StatefulSet/nats-leaf');
  expect(ports.kubernetes.graces.get('StatefulSet/nats-leaf')).toBe(2);
  expect(ports.clock.sleeps).toHaveLength(1);
  expect(await leafFor(DIRECT).remove()).toEqual([]);
});

test('a kubelet that hangs does not hold the removal up: after 30 s its pods are deleted without it', async () => {
  await leafFor(DIRECT).provide();
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'nats-leaf-0', namespace: 'nats-system' } };
  ports.kubernetes.put(pod).onPods('app=nats-leaf', ...Array<string[]>(152).fill(['nats-leaf-0']), []);
  expect(await leafFor(DIRECT).remove()).toContain('delete StatefulSet/nats-leaf');
  expect(ports.kubernetes.graces.get('Pod/nats-leaf-0')).toBe(0);
  expect(ports.clock.sleeps.reduce((all, each) => all + each, 0)).toBe(30_000);
});

test('a removal that was cut off while the pod was ending waits for it again', async () => {
  await leafFor(DIRECT).provide();
  ports.kubernetes.onPods('app=nats-leaf', ['nats-leaf-0']);
  expect(await failureOf(leafFor(DIRECT).remove())).toMatchObject({ code: 'NOT_READY' });
  expect(named((await leafFor(DIRECT).seeForRemoval()).steps)).toEqual(['delete Pod/nats-leaf-0']);
});

test('the leaf node is confirmed when its pod is up; its link proves itself later', async () => {
  await leafFor(DIRECT).provide();
  ports.kubernetes.slow = 2;
  await leafFor(DIRECT).confirm();
  expect(ports.clock.sleeps).toHaveLength(2);
});
