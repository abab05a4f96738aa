import { beforeEach, expect, test } from '@jest/globals';
import { fileFactsScript } from '../../src/domain/artifacts/placement.js';
import { claimScript } from '../../src/domain/hosts/claim.js';
import { ownerScript, releaseHostScript, removeHostScript, remainsScript } from '../../src/domain/hosts/removal.js';
import { renderK3sConfig } from '../../src/domain/k3s/config.js';
import { k3sFactsScript } from '../../src/domain/k3s/install.js';
import { pkiSpecOf } from '../../src/domain/pki/spec.js';
import { serverOf, type ArtifactSource } from '../../src/contract/topology.js';
import { attempt, fakePorts, type FakePorts } from '../support/fakes/ports.js';
import { twoClusters } from '../support/topologies.js';

const topology = twoClusters();
const { name, nats, k3s } = topology;
const host = serverOf(topology.broker);
const leaf = serverOf(topology.leaves[0] ?? topology.broker);
const source: ArtifactSource = { from: 'bundle', folder: '/bundle' };
const sha256 = 'a'.repeat(64);

let ports: FakePorts;
beforeEach(async () => {
  ports = fakePorts();
  await attempt(ports, 'ensurePki', pkiSpecOf(topology));
});

test('ensurePki issues every certificate once and reuses it then', async () => {
  const [issued, writes] = [ports.mint.issued.length, ports.secrets.writes.length];
  expect(issued).toBeGreaterThan(8);
  expect(await attempt(ports, 'ensurePki', pkiSpecOf(topology))).toEqual({ changed: [] });
  expect([ports.mint.issued.length, ports.secrets.writes.length]).toEqual([issued, writes]);
});

test('ensurePki issues a certificate anew whose key was lost, and nothing else', async () => {
  ports.secrets.forget(name, 'nats/broker/server.key');
  expect(await attempt(ports, 'ensurePki', pkiSpecOf(topology))).toEqual({ changed: ['issued nats/broker/server'] });
});

test.each([
  ['a certificate', 'nats/broker/server.crt', '-----BEGIN CERTIFICATE-----\nMIIB'],
  ['a key', 'nats/broker/server.key', 'cut off'],
])('ensurePki issues anew what %s that was damaged belongs to', async (_what, file, text) => {
  await ports.secrets.write(name, file, text);
  expect(await attempt(ports, 'ensurePki', pkiSpecOf(topology))).toEqual({ changed: ['issued nats/broker/server'] });
});

test('ensurePki refuses a root that was damaged, and does not try again', async () => {
  await ports.secrets.write(name, 'nats/ca.crt', 'no certificate');
  await expect(attempt(ports, 'ensurePki', pkiSpecOf(topology))).rejects.toMatchObject({
    type: 'PKI_INVALID',
    nonRetryable: true,
    message: expect.stringContaining('nats/ca: its file holds no certificate') as unknown,
  });
});

test('claimHost claims a host once', async () => {
  ports.hosts.on(claimScript(name), 'claimed\n', `${name}\n`);
  expect(await attempt(ports, 'claimHost', { host, topology: name })).toEqual({ changed: ['claimed vm-a'] });
  expect(await attempt(ports, 'claimHost', { host, topology: name })).toEqual({ changed: [] });
});

test.each([
  [
    'ensureK3sFiles',
    'a binary and an install script',
    ['/usr/local/bin/k3s 0755', '/var/lib/leafspan/k3s-install.sh 0700'],
  ],
  ['ensureImages', 'images', ['/var/lib/rancher/k3s/agent/images/nats.tar 0644']],
  ['ensureTools', 'tools', ['/usr/local/bin/helm 0755']],
] as const)('%s ships %s once', async (activity, _what, files) => {
  const places = files.map((file) => file.split(' ') as [string, string]);
  const seen = places.map(([path, mode]) => `${sha256} ${mode} ours ${path}`).join('\n');
  ports.hosts
    .on('uname -m', 'x86_64\n')
    .on(fileFactsScript(places.map(([path]) => path)), '', seen)
    .on(/^grep -qsxF/, '');
  const input = { host, source, version: k3s.version };

  expect((await attempt(ports, activity, input)).changed).toHaveLength(files.length);
  expect(ports.hosts.uploads.map(({ remote }) => `${remote.path} ${remote.mode}`)).toEqual(files);
  ports.hosts.ran.length = 0;
  expect(await attempt(ports, activity, input)).toEqual({ changed: [] });
  expect(ports.hosts.uploads).toHaveLength(files.length);
  expect(ports.hosts.ran).toEqual(['uname -m', fileFactsScript(places.map(([path]) => path))]);
});

test('ensureK3s writes, installs and starts once', async () => {
  const healthy = `version=${k3s.version}\nunit=active\nenabled=yes\ncurrent=yes\nconfig=\n${renderK3sConfig(host, k3s)}`;
  ports.hosts
    .on(k3sFactsScript, `version=${k3s.version}\n`, healthy)
    .on(/LEAFSPAN_CONFIG/, '')
    .on(/INSTALL_K3S_SKIP_DOWNLOAD/, '')
    .on(/--no-block start k3s/, '');

  expect((await attempt(ports, 'ensureK3s', { host, source, k3s })).changed).toEqual([
    'wrote /etc/rancher/k3s/config.yaml',
    'ran the K3s install script',
    'started K3s',
  ]);
  ports.hosts.ran.length = 0;
  expect(await attempt(ports, 'ensureK3s', { host, source, k3s })).toEqual({ changed: [] });
  expect(ports.hosts.ran).toEqual([k3sFactsScript]);
});

test('ensureK3s restarts K3s in the second attempt when the first one was interrupted before it', async () => {
  const config = renderK3sConfig(host, k3s);
  const facts = (current: string, text: string): string =>
    `version=${k3s.version}\nunit=active\nenabled=yes\n${current}config=\n${text}`;
  ports.hosts
    .on(k3sFactsScript, facts('current=yes\n', 'node-name: old\n'), facts('', config))
    .on(/LEAFSPAN_CONFIG/, '')
    .on(/--no-block restart k3s/, new Error('connection lost'), '');

  await expect(attempt(ports, 'ensureK3s', { host, source, k3s })).rejects.toThrow('connection lost');
  expect(await attempt(ports, 'ensureK3s', { host, source, k3s })).toEqual({ changed: ['restarted K3s'] });
});

test('the mark of a configuration that K3s did not start with is set before it and taken away after the restart', async () => {
  ports.hosts
    .on(k3sFactsScript, `version=${k3s.version}\nunit=active\nenabled=yes\ncurrent=yes\nconfig=\nold\n`)
    .on(/LEAFSPAN_CONFIG/, '')
    .on(/--no-block restart k3s/, '');
  await attempt(ports, 'ensureK3s', { host, source, k3s });

  expect(ports.hosts.ran).toEqual([
    expect.stringContaining('[ ! -e /var/lib/leafspan/k3s-not-restarted ] &&'),
    expect.stringMatching(/touch \/var\/lib\/leafspan\/k3s-not-restarted\n[^]*mv -f/),
    expect.stringMatching(/restart k3s.service; rm -f \/var\/lib\/leafspan\/k3s-not-restarted$/),
  ]);
});

test('ensureKubeconfigs tells of files that it wrote, and of nothing the second time', async () => {
  ports.hosts.on(/getent passwd 'ubuntu'/, '/home/ubuntu/.kube/config\n', '');
  expect(await attempt(ports, 'ensureKubeconfigs', { host })).toEqual({ changed: ['wrote /home/ubuntu/.kube/config'] });
  expect(await attempt(ports, 'ensureKubeconfigs', { host })).toEqual({ changed: [] });
});

test.each([
  [
    'ensureNatsSecrets',
    { topology: name, server: host, role: 'broker', mode: 'direct' },
    'applied Secret/nats-broker-tls',
  ],
  [
    'ensureNatsSecrets',
    { topology: name, server: leaf, role: 'leaf', mode: 'direct' },
    'applied Secret/nats-leaf-client-tls',
  ],
  [
    'ensureBroker',
    { topology: name, server: host, leaves: ['cluster-b'], nats, mode: 'direct' },
    'applied StatefulSet/nats-broker',
  ],
  ['ensureExternalPorts', { server: host, nats, mode: 'direct' }, 'applied Service/nats-broker-external'],
  [
    'ensureLeafNode',
    { topology: name, server: leaf, nats, remote: '192.0.2.10:30722', mode: 'direct' },
    'applied StatefulSet/nats-leaf',
  ],
  ['ensurePublisher', { topology: name, server: host, nats, mode: 'direct' }, 'applied Deployment/publisher'],
  ['ensureSubscriber', { topology: name, server: leaf, nats, mode: 'direct' }, 'applied Deployment/subscriber'],
] as const)('%s applies once (%#)', async (activity, input, change) => {
  const first = await attempt(ports, activity, input as never);
  expect(ports.kubernetes.changes).toContain(change);
  expect(first.changed).toHaveLength(ports.kubernetes.changes.length);
  ports.kubernetes.changes.length = 0;

  expect(await attempt(ports, activity, input as never)).toEqual({ changed: [] });
  expect(ports.kubernetes.changes).toEqual([]);
});

test('ensureExternalPorts closes the ports once when the topology has no edge', async () => {
  await attempt(ports, 'ensureExternalPorts', { server: host, nats, mode: 'direct' });
  const closed = { server: host, nats: { ...nats, edge: 'none' as const }, mode: 'direct' as const };
  expect(await attempt(ports, 'ensureExternalPorts', closed)).toEqual({
    changed: ['removed Service/nats-broker-external on cluster-a'],
  });
  expect(await attempt(ports, 'ensureExternalPorts', closed)).toEqual({ changed: [] });
});

test.each([
  ['removeBroker', 'ensureBroker', host, ['publisher', 'nats-broker'], 'removed StatefulSet/nats-broker on cluster-a'],
  ['removeLeafNode', 'ensureLeafNode', leaf, ['subscriber', 'nats-leaf'], 'removed StatefulSet/nats-leaf on cluster-b'],
] as const)('%s removes what %s made, once', async (activity, ensure, server, apps, change) => {
  ports.hosts.on(/is-active k3s/, 'active\nkubeconfig\n');
  ports.kubernetes.onGet('/readyz', 200, 'ok').onPods(`app=${apps[0]}`, []).onPods(`app=${apps[1]}`, []);
  const input = { topology: name, server, leaves: ['cluster-b'], nats, remote: '192.0.2.10:30722', mode: 'direct' };
  await attempt(ports, ensure, input as never);

  expect(await attempt(ports, activity, { host: server })).toEqual({ changed: [change] });
  ports.kubernetes.changes.length = 0;
  expect(await attempt(ports, activity, { host: server })).toEqual({ changed: [] });
  expect(ports.kubernetes.changes).toEqual([]);
});

test.each(['removeBroker', 'removeLeafNode'] as const)('%s asks no API server where no K3s runs', async (activity) => {
  ports.hosts.on(/is-active k3s/, 'inactive\n');
  expect(await attempt(ports, activity, { host })).toEqual({ changed: [] });
});

test('removeHost removes once, and nothing from a host that is not ours', async () => {
  ports.hosts
    .on(ownerScript, `${name}\n`, '', 'plant-8\n')
    .on(/\.kube/, '')
    .on(removeHostScript, '')
    .on(remainsScript, '')
    .on(releaseHostScript, '');
  expect((await attempt(ports, 'removeHost', { host, topology: name })).changed).toHaveLength(1);
  ports.hosts.ran.length = 0;
  expect(await attempt(ports, 'removeHost', { host, topology: name })).toEqual({ changed: [] });
  expect(await attempt(ports, 'removeHost', { host, topology: name })).toEqual({ changed: [] });
  expect(ports.hosts.ran).toEqual([ownerScript, ownerScript]);
});

test('purgeKeys deletes once', async () => {
  expect((await attempt(ports, 'purgeKeys', { topology: name })).changed).toHaveLength(1);
  expect(await attempt(ports, 'purgeKeys', { topology: name })).toEqual({ changed: [] });
});
