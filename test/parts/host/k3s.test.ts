import { beforeEach, expect, test } from '@jest/globals';
import { PeculiarMint } from '../../../src/adapters/cert-mint/peculiar-mint.js';
import { ProvisionError } from '../../../src/contract/errors.js';
import { hostOf, hubScope } from '../../../src/contract/topology/scope.js';
import { claimFactsScript } from '../../../src/domain/hosts/claim.js';
import { renderK3sConfig } from '../../../src/domain/k3s/config.js';
import { k3sFactsScript, unitStateScript } from '../../../src/domain/k3s/install.js';
import { remainsScript, removeK3sScript } from '../../../src/domain/k3s/before/removal.js';
import { k3s } from '../../../src/parts/host/k3s.js';
import { confirm } from '../../../src/parts/run-checks.js';
import { BUNDLE, BUNDLE_SOURCE } from '../../support/bundle.js';
import { failureOf } from '../../support/errors.js';
import { FakeBundles } from '../../support/fakes/bundles.js';
import { FakeCluster } from '../../support/fakes/kubernetes.js';
import { fakePorts, type FakePorts } from '../../support/fakes/ports.js';
import { sha256Of } from '../../support/servers/release-server.js';
import { checkOf } from '../../support/parts/parts.js';
import { renewing, siteOf } from '../../support/parts/site.js';
import { twoClusters } from '../../support/topologies.js';

const scope = hubScope(twoClusters({ artifacts: BUNDLE_SOURCE }));
const { version } = scope.settings.k3s;
const config = renderK3sConfig(hostOf(scope), scope.settings.k3s);
const CONFIG = '/etc/rancher/k3s/config.yaml';
const UNIT_FILE = '/etc/systemd/system/k3s.service';
const UNIT = 'unit k3s.service';
const OF_K3S = { commonName: 'k3s', usages: [], dns: [], ips: [], days: 30.5 };
const claimed = (adopted = false): string => `claim={"topology":"plant-7","adopted":${adopted}}\n`;

const facts = (changes: { unit?: string; enabled?: string; current?: string; config?: string } = {}): string => {
  const { unit = 'active', enabled = 'yes', current = 'yes', config: text = config } = changes;
  return `version=${version}\nunit=${unit}\nenabled=${enabled}\ncurrent=${current}\nconfig=\n${text}`;
};
const files = (binary = 'k3s'): string =>
  [
    `${sha256Of(binary)} 0755 ours /usr/local/bin/k3s`,
    `${sha256Of('install.sh')} 0700 ours /var/lib/leafspan/k3s-install.sh`,
    `${sha256Of('images/k3s-images.tar')} 0644 ours /var/lib/rancher/k3s/agent/images/k3s-images.tar`,
  ].join('\n');

/** Its API server does not respond. */
class SilentCluster extends FakeCluster {
  override get(): Promise<never> {
    return Promise.reject(new ProvisionError('KUBE_API_FAILED', 'no response'));
  }
}

let ports: FakePorts;
beforeEach(() => {
  ports = fakePorts({ bundles: new FakeBundles(BUNDLE) });
});

/** A host with these facts in turn. */
const host = (claim: string, placed: string, ...seen: string[]) =>
  ports.hosts
    .on(claimFactsScript, claim)
    .on(k3sFactsScript, ...seen)
    .on(/whose=ours/, placed);
const see = () => k3s.see(siteOf(ports, scope));
const remove = () => k3s.seeForRemoval(siteOf(ports, scope));
const named = ({ steps }: { steps: readonly { verb: string; object: string }[] }): string[] =>
  steps.map(({ verb, object }) => `${verb} ${object}`);

test('on a bare host K3s is configured, installed and started, and then it is as wanted', async () => {
  host(claimed(), files(), `version=${version}\n`, facts())
    .on(/LEAFSPAN_CONFIG/, '')
    .on(/INSTALL_K3S_SKIP_DOWNLOAD/, '')
    .on(/--no-block start k3s/, '');
  const sight = await see();
  expect(named(sight)).toEqual([`create ${CONFIG}`, `create ${UNIT_FILE}`, `start ${UNIT}`]);
  await sight.act(sight.steps);
  expect(ports.hosts.ran.slice(-3)).toEqual([
    expect.stringMatching(/touch \/var\/lib\/leafspan\/k3s-not-restarted\n[^]*mv -f/),
    expect.stringContaining('INSTALL_K3S_SKIP_START=true'),
    expect.stringMatching(/start k3s.service; rm -f \/var\/lib\/leafspan\/k3s-not-restarted$/),
  ]);
  expect((await see()).steps).toEqual([]);
});

test('the steps on a bare host are the same before and after its files are there', async () => {
  host(claimed(), '', '', `version=${version}\n`);
  expect(named(await see())).toEqual(named(await see()));
});

test.each<[behaviour: string, seen: string, steps: string[]]>([
  ['a configuration that was edited', facts({ config: 'node-name: x\n' }), [`change ${CONFIG}`, `restart ${UNIT}`]],
  ['a unit that was stopped', facts({ unit: 'inactive' }), [`start ${UNIT}`]],
  ['a unit that does not start at boot', facts({ enabled: 'no' }), [`change ${UNIT_FILE}`]],
  ['a process of another binary', facts({ current: 'no' }), [`restart ${UNIT}`]],
  ['a unit that is starting', facts({ unit: 'activating' }), []],
])('%s is brought back', async (_behaviour, seen, steps) => {
  host(claimed(), files(), seen);
  expect(named(await see())).toEqual(steps);
});

/** Facts of a K3s that was started so many days ago, and has a certificate that ends soon. */
async function endingSoon(): Promise<(daysAgo: number, config?: string) => string> {
  const pem = (await new PeculiarMint().selfSigned(OF_K3S)).certificate;
  const started = (daysAgo: number): string =>
    `started=${Math.floor(Date.now() / 1_000) - daysAgo * 86_400}\ncertificate=/var/lib/rancher/k3s/agent/x.crt\n${pem}`;
  return (daysAgo, text = config) => facts({ config: text }).replace('config=', `${started(daysAgo)}config=`);
}

test('a renewal of certificates restarts K3s for them and writes no configuration; it looks into no bundle', async () => {
  const renewal = renewing(scope);
  const seen = await endingSoon();
  ports = fakePorts();
  host(claimed(), '', seen(300, 'node-name: x\n'), seen(1, 'node-name: x\n')).on(/--no-block restart k3s/);
  const { steps, act } = await k3s.see(siteOf(ports, renewal));
  expect(steps).toEqual([{ verb: 'restart', object: UNIT, because: 'its x.crt expires in 30 days' }]);
  await act(steps);
  expect(ports.hosts.ran.filter((script) => script.includes('LEAFSPAN_CONFIG'))).toEqual([]);
  expect((await k3s.see(siteOf(ports, renewal))).steps).toEqual([]);
});

test('K3s is restarted before its own certificates end, once, and an adopted one is not', async () => {
  const seen = await endingSoon();
  host(claimed(), files(), seen(300), seen(1));
  const { steps } = await see();
  expect(steps).toEqual([{ verb: 'restart', object: UNIT, because: 'its x.crt expires in 30 days' }]);
  expect((await see()).steps).toEqual([]);
  ports = fakePorts({ bundles: new FakeBundles(BUNDLE) });
  host(claimed(true), files(), seen(300));
  expect((await see()).steps).toEqual([]);
});

test('a binary that is about to be replaced makes K3s restart, and the plan foresees it', async () => {
  host(claimed(), files('edited'), facts());
  expect(named(await see())).toEqual([`restart ${UNIT}`]);
});

test('an adopted K3s is left alone, whatever its configuration is', async () => {
  host(claimed(true), '', facts({ config: 'token: theirs\n', unit: 'inactive' }));
  expect((await see()).steps).toEqual([]);
});

test('an attempt that was cut off before the restart restarts the next time', async () => {
  host(claimed(), files(), facts({ config: 'old\n' }), facts({ current: '' }))
    .on(/LEAFSPAN_CONFIG/, '')
    .on(/--no-block restart k3s/, new Error('connection lost'), '');
  const first = await see();
  await expect(first.act(first.steps)).rejects.toThrow('connection lost');
  expect(named(await see())).toEqual([`restart ${UNIT}`]);
});

test('a binary of another release than the topology asks for is refused', async () => {
  host(claimed(), files(), 'version=v1.30.0+k3s1\n');
  const { steps, act } = await see();
  expect(await failureOf(act(steps))).toMatchObject({
    code: 'K3S_VERSION_DIFFERS',
    message: `K3s v1.30.0+k3s1 is installed; the topology asks for ${version}`,
  });
});

test('a removal uninstalls K3s once, and what is left is named', async () => {
  host(claimed(), '', facts())
    .on(remainsScript, 'file /usr/local/bin/k3s\nunit k3s.service\n', 'mount /run/k3s\n', '')
    .on(removeK3sScript, '');
  const first = await remove();
  expect(named(first)).toEqual(['delete file /usr/local/bin/k3s', 'delete unit k3s.service']);
  await first.act(first.steps);
  expect(named(await remove())).toEqual(['delete mount /run/k3s']);
  expect((await remove()).steps).toEqual([]);
});

test('an adopted K3s stays', async () => {
  host(claimed(true), '', facts()).on(remainsScript, 'file /usr/local/bin/k3s\nunit k3s.service\n');
  expect((await remove()).steps).toEqual([]);
});

const judge = (id: string, seen: unknown) =>
  k3s
    .checks?.(scope)
    .find((check) => check.id === id)
    ?.judge(seen);

test.each<[id: string, seen: unknown, because: string | undefined]>([
  ['api-server-ready', 'ready', undefined],
  ['api-server-ready', 'k3s.service: failed', 'the API server is not ready: k3s.service: failed'],
  ['kubernetes-ready', 'ready', undefined],
  ['kubernetes-ready', 'node: not Ready', 'Kubernetes is not ready: node: not Ready'],
  ['kubernetes-endpoint-internal', ['192.0.2.10'], undefined],
  ['kubernetes-endpoint-internal', ['203.0.113.1'], 'the endpoint of the API server is not 192.0.2.10'],
  ['kubernetes-endpoint-internal', [], 'the endpoint of the API server is not 192.0.2.10'],
  ['k3s-certificates-last', [{ name: 'a', days: 60 }], undefined],
  ['k3s-certificates-last', [{ name: 'a', days: 59 }], 'certificates of K3s expire within 60 days: 1'],
  ['k3s-certificates-last', [], 'K3s has no certificate'],
  ['node-has-room', [], undefined],
  ['node-has-room', ['DiskPressure'], 'the node is under pressure: DiskPressure'],
])('%s of %j says: %s', (id, seen, because) => {
  expect(judge(id, seen)).toMatchObject(because === undefined ? { state: 'pass' } : { state: 'fail', because });
});

test('the part waits for the API server only: CoreDNS and the node follow while objects are applied', async () => {
  ports.hosts.on(unitStateScript, 'activating\n', 'active\n', 'active\nkubeconfig\n');
  ports.kubernetes.onGet('/readyz', 200, 'ok');
  await confirm(siteOf(ports, scope), k3s.checks?.(scope) ?? []);
  expect(ports.hosts.ran).toEqual([unitStateScript, unitStateScript, unitStateScript]);
});

const kubernetesState = (): Promise<unknown> =>
  checkOf(k3s, scope, 'kubernetes-ready@cluster-a').probe(siteOf(ports, scope));

test('whether Kubernetes is ready is asked of its API server, and not of the host', async () => {
  for (const path of ['/api/v1/nodes', '/apis/apps/v1/namespaces/kube-system/deployments/coredns'])
    ports.kubernetes.onGet(path, 200, { items: [] });
  ports.kubernetes.onGet('/readyz', 200, 'ok').onGet('/api/v1/namespaces/default/serviceaccounts/default', 200, {});
  expect(await kubernetesState()).toBe('node: none yet');
  expect(ports.hosts.ran).toEqual([]);
});

test.each([
  ['inactive\n', 'k3s.service: inactive'],
  ['active\n', 'kubeconfig: not written yet'],
  ['active\nkubeconfig\n', 'API server: no response'],
])('of an API server that does not respond the host says why: %j', async (unit, state) => {
  ports = fakePorts({ kubernetes: new SilentCluster() });
  ports.hosts.on(unitStateScript, unit);
  expect(await kubernetesState()).toBe(state);
});

test('an API server that does not come is reported with the unit’s state and where to look', async () => {
  ports.hosts.on(unitStateScript, 'failed\n');
  expect(await failureOf(confirm(siteOf(ports, scope), k3s.checks?.(scope) ?? []))).toMatchObject({
    code: 'K3S_NOT_READY',
    message: 'the API server is not ready: k3s.service: failed',
    hint: 'on the host: sudo journalctl -u k3s -n 50',
  });
});

test('nothing is installed on a host that a teardown of another machine has released since it was claimed', async () => {
  host('', files(), `version=${version}\n`);
  const sight = await see();
  expect(await failureOf(sight.act(sight.steps))).toMatchObject({
    code: 'CLAIM_MISSING',
    message: expect.stringContaining('another machine with the same keys'),
  });
});
