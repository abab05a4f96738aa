import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { PartActivities } from '../../src/activities/parts.js';
import { hostOf, hubScope, type Scope } from '../../src/contract/topology/scope.js';
import { claimFactsScript, releaseScript } from '../../src/domain/hosts/claim.js';
import { inventoryFactsScript } from '../../src/domain/hosts/inventory.js';
import { apiStateScript, k3sTracesScript } from '../../src/domain/k3s/api-state.js';
import { renderK3sConfig } from '../../src/domain/k3s/config.js';
import { imageListScript, importFailureScript } from '../../src/domain/k3s/images.js';
import { k3sFactsScript, unitStateScript } from '../../src/domain/k3s/install.js';
import { loginKubeconfigFactsScript, loginKubeconfigRemainsScript } from '../../src/domain/k3s/login-kubeconfigs.js';
import { remainsScript, removeK3sScript } from '../../src/domain/k3s/before/removal.js';
import { monitorPath } from '../../src/domain/nats/monitor.js';
import { varzPath } from '../../src/domain/nats/reload.js';
import { CONNZ_PATH } from '../../src/domain/nats/strangers.js';
import { partsOf } from '../../src/parts/list.js';
import { installationOf } from '../../src/parts/pki/installation.js';
import { BUNDLE, BUNDLE_SOURCE } from '../support/bundle.js';
import { FakeBundles } from '../support/fakes/bundles.js';
import { FakeHosts } from '../support/fakes/hosts.js';
import { attempt, fakePorts, type FakePorts } from '../support/fakes/ports.js';
import { FakeSecrets } from '../support/fakes/secrets.js';
import { issuedCertificates, named } from '../support/parts/nats-parts.js';
import { sha256Of } from '../support/servers/release-server.js';
import { firstLeaf } from '../support/parts/site.js';
import { twoClusters } from '../support/topologies.js';

/** In every test the second attempt meets a host that knows no script that changes it. */
const topology = twoClusters({ artifacts: BUNDLE_SOURCE });
const HUB = hubScope(topology);
const LEAF = firstLeaf(topology);
const { k3s } = HUB.settings;
const LOGIN = { user: 'ubuntu', cluster: 'cluster-a', externalAddress: '192.0.2.10' };
const IMAGES = '/var/lib/rancher/k3s/agent/images';
const READY_IMAGES = 'docker.io/library/nats:2.15.2-alpine\ndocker.io/natsio/nats-box:0.19.7\n';

let issued: FakeSecrets;
let claim: string;
/** Of an earlier version: it names no cluster, so it is that of any host of the topology. */
let former: string;
beforeAll(async () => {
  issued = await issuedCertificates();
  const installation = (await installationOf(issued, 'plant-7')) ?? '';
  claim = `claim=${JSON.stringify({ topology: 'plant-7', cluster: 'cluster-a', installation, adopted: false })}\n`;
  former = `claim=${JSON.stringify({ topology: 'plant-7', installation, adopted: false })}\n`;
});

let ports: FakePorts;
beforeEach(() => {
  ports = fakePorts({ secrets: issued, bundles: new FakeBundles(BUNDLE), hosts: asWanted() });
  ports.kubernetes.onGet('/readyz', 200, 'ok').onGet(varzPath('nats-broker'), 503, '').onGet(CONNZ_PATH, 503, '');
  ports.kubernetes.onGet(monitorPath('nats-broker', 'leafz'), 503, '');
  ports.kubernetes.onPods('app=nats-broker', []).onPods('app=nats-leaf', []);
});

const file = (path: string, mode: string, content: string): string => `${sha256Of(content)} ${mode} ours ${path}\n`;
const FILES = [
  file('/usr/local/bin/k3s', '0755', 'k3s'),
  file('/var/lib/leafspan/k3s-install.sh', '0700', 'install.sh'),
  file(`${IMAGES}/k3s-images.tar`, '0644', 'images/k3s-images.tar'),
  file(`${IMAGES}/nats.tar`, '0644', 'images/nats.tar'),
  file(`${IMAGES}/nats-box.tar`, '0644', 'images/nats-box.tar'),
  file(`${IMAGES}/linkerd.tar`, '0644', 'images/linkerd.tar'),
  file('/usr/local/bin/linkerd', '0755', 'cli/linkerd'),
  file('/usr/local/bin/helm', '0755', 'cli/helm'),
].join('');
const K3S_FACTS = `version=${k3s.version}\nunit=active\nenabled=yes\ncurrent=yes\nconfig=\n${renderK3sConfig(hostOf(HUB), k3s)}`;

/** A host that has everything, to look at only. What is scripted first counts. */
const asWanted = (hosts = new FakeHosts()): FakeHosts =>
  hosts
    .on(claimFactsScript, claim)
    .on(apiStateScript, 'installed\nactive\nkubeconfig\n')
    .on(/whose=ours/, FILES)
    .on(k3sFactsScript, K3S_FACTS)
    .on(unitStateScript, 'active\nkubeconfig\n')
    .on(imageListScript, READY_IMAGES)
    .on(importFailureScript)
    .on(loginKubeconfigFactsScript(LOGIN), 'same /home/ubuntu/.kube/config\n');

const asRemoved = (hosts = new FakeHosts()): FakeHosts =>
  hosts
    .on(claimFactsScript, claim)
    .on(apiStateScript, 'installed\nactive\nkubeconfig\n')
    .on(inventoryFactsScript)
    .on(k3sFactsScript)
    .on(remainsScript)
    .on(loginKubeconfigRemainsScript(LOGIN));

type Activity = Extract<keyof PartActivities, string>;
type Script = (hosts: FakeHosts) => FakeHosts;
const send: Script = (hosts) =>
  hosts
    .on(/whose=ours/)
    .on(/type -P/)
    .on(/^grep -qsxF/)
    .on(/^echo "[0-9a-f]{64} /);

const ON_HOSTS: [part: string, before: Script, steps: string[]][] = [
  [
    'claim',
    (hosts) =>
      hosts
        .on(claimFactsScript)
        .on(k3sTracesScript)
        .on(apiStateScript)
        .on(/claim-XXXXXX/),
    ['create /var/lib/leafspan/claim.json'],
  ],
  [
    'k3s-files',
    send,
    ['create /usr/local/bin/k3s', 'create /var/lib/leafspan/k3s-install.sh', `create ${IMAGES}/k3s-images.tar`],
  ],
  [
    'k3s',
    (hosts) =>
      hosts
        .on(k3sFactsScript, `version=${k3s.version}\n`)
        .on(/LEAFSPAN_CONFIG/)
        .on(/INSTALL_K3S_SKIP_DOWNLOAD/)
        .on(/--no-block start k3s/),
    ['create /etc/rancher/k3s/config.yaml', 'create /etc/systemd/system/k3s.service', 'start unit k3s.service'],
  ],
  ['images', send, [`create ${IMAGES}/nats.tar`, `create ${IMAGES}/nats-box.tar`, `create ${IMAGES}/linkerd.tar`]],
  ['tools', send, ['create /usr/local/bin/linkerd', 'create /usr/local/bin/helm']],
  [
    'kubeconfigs',
    (hosts) => hosts.on(loginKubeconfigFactsScript(LOGIN), 'absent /home/ubuntu/.kube/config\n').on(/umask 077/),
    ['create /home/ubuntu/.kube/config'],
  ],
];

const IN_CLUSTERS: [part: string, scope: Scope, objects: number][] = [
  ['nats-secrets', HUB, 3],
  ['nats-secrets', LEAF, 4],
  ['broker', HUB, 7],
  ['external-ports', HUB, 1],
  ['nginx-edge', HUB, 0],
  ['publisher', HUB, 3],
  ['leaf-node', LEAF, 6],
  ['subscriber', LEAF, 3],
];

test('every part of direct mode is tested here', () => {
  const all = [HUB, LEAF].flatMap(partsOf).map(({ name }) => name);
  const tested = ['certificates', ...ON_HOSTS.map(([part]) => part), ...IN_CLUSTERS.map(([part]) => part)];
  expect(new Set(tested)).toEqual(new Set(all));
});

const run = async (activity: Activity, scope: Scope): Promise<string[]> =>
  named((await attempt(ports, activity, { scope })).steps);

test.each([
  ['the hub', HUB],
  ['a leaf', LEAF],
])('ensure certificates of %s issues once', async (_cluster, scope) => {
  ports = { ...ports, secrets: new FakeSecrets() };
  await run('ensure certificates', HUB);
  await run('ensure certificates', scope);
  const [mints, writes] = [ports.mint.issued.length, ports.secrets.writes.length];
  expect(await run('ensure certificates', scope)).toEqual([]);
  expect([ports.mint.issued.length, ports.secrets.writes.length]).toEqual([mints, writes]);
});

test.each(ON_HOSTS)('ensure %s changes the host once', async (part, before, steps) => {
  ports = { ...ports, hosts: asWanted(before(new FakeHosts())) };
  expect(await run(`ensure ${part}`, HUB)).toEqual(steps);
  ports = { ...ports, hosts: asWanted() };
  expect(await run(`ensure ${part}`, HUB)).toEqual([]);
  expect(ports.hosts.uploads).toEqual([]);
});

test.each(IN_CLUSTERS)('ensure %s applies once (%#)', async (part, scope, objects) => {
  expect(await run(`ensure ${part}`, scope)).toHaveLength(objects);
  expect(ports.kubernetes.changes).toHaveLength(objects);
  expect(await run(`ensure ${part}`, scope)).toEqual([]);
  expect(ports.kubernetes.changes).toHaveLength(objects);
});

test('ensure external-ports closes them once when the topology has no edge', async () => {
  await run('ensure external-ports', HUB);
  const closed = hubScope({ ...topology, nats: { ...topology.nats, edge: 'none' } });
  expect(await run('ensure external-ports', closed)).toEqual(['delete Service/nats-broker-external']);
  expect(await run('ensure external-ports', closed)).toEqual([]);
});

const removeFiles =
  (...files: string[]): Script =>
  (hosts) =>
    hosts.on(inventoryFactsScript, files.join('\n'), '').on(/rm -f -- "\$file"/);

const REMOVED_FROM_HOSTS: [part: string, before: Script, steps: string[]][] = [
  ['tools', removeFiles('/usr/local/bin/helm'), ['delete /usr/local/bin/helm']],
  ['images', removeFiles(`${IMAGES}/nats.tar`), [`delete ${IMAGES}/nats.tar`]],
  [
    'kubeconfigs',
    (hosts) => hosts.on(loginKubeconfigRemainsScript(LOGIN), '/home/ubuntu/.kube/config\n', '').on(/\.kube\/config/),
    ['delete /home/ubuntu/.kube/config'],
  ],
  [
    'k3s',
    (hosts) => hosts.on(remainsScript, 'unit k3s.service\n', '').on(removeK3sScript),
    ['delete unit k3s.service'],
  ],
  ['k3s-files', removeFiles('/usr/local/bin/k3s'), ['delete /usr/local/bin/k3s']],
];

test.each(REMOVED_FROM_HOSTS)('remove %s changes the host once', async (part, before, steps) => {
  ports = { ...ports, hosts: asRemoved(before(new FakeHosts())) };
  expect(await run(`remove ${part}`, HUB)).toEqual(steps);
  ports = { ...ports, hosts: asRemoved() };
  expect(await run(`remove ${part}`, HUB)).toEqual([]);
});

test('remove claim gives the host back once, and looks no further at a host that is not ours', async () => {
  ports = {
    ...ports,
    hosts: asRemoved(
      new FakeHosts()
        .on(claimFactsScript, claim, '')
        .on(/rm -f -- "\$file"/)
        .on(releaseScript),
    ),
  };
  expect(await run('remove claim', HUB)).toEqual(['delete /var/lib/leafspan']);
  ports = { ...ports, hosts: new FakeHosts().on(claimFactsScript) };
  expect(await run('remove claim', HUB)).toEqual([]);
});

test.each(IN_CLUSTERS)('remove %s deletes once (%#)', async (part, scope, objects) => {
  ports = { ...ports, hosts: asWanted(new FakeHosts().on(claimFactsScript, former)) };
  await run(`ensure ${part}`, scope);
  expect(await run(`remove ${part}`, scope)).toHaveLength(objects);
  expect(ports.kubernetes.names()).toEqual([]);
  ports.kubernetes.changes.length = 0;
  expect(await run(`remove ${part}`, scope)).toEqual([]);
  expect(ports.kubernetes.changes).toEqual([]);
});

test('remove certificates keeps the keys, and purge keys deletes them once', async () => {
  ports = { ...ports, secrets: new FakeSecrets() };
  await run('ensure certificates', HUB);
  expect(await run('remove certificates', HUB)).toEqual([]);
  expect(await ports.secrets.list('plant-7')).not.toEqual([]);
  const purge = async () => named((await attempt(ports, 'purge keys', { topology: 'plant-7' })).steps);
  expect(await purge()).toEqual(['delete keys of topology plant-7']);
  expect(await purge()).toEqual([]);
});
