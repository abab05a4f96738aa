import { chmodSync, existsSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { PeculiarMint } from '../../../src/adapters/cert-mint/peculiar-mint.js';
import { hostOf, hubScope } from '../../../src/contract/topology/scope.js';
import { claimFactsScript } from '../../../src/domain/hosts/claim.js';
import { k3sFactsScript } from '../../../src/domain/k3s/install.js';
import { loginKubeconfigFactsScript } from '../../../src/domain/k3s/login-kubeconfigs.js';
import { kubeconfigs } from '../../../src/parts/host/kubeconfigs.js';
import { failureOf } from '../../support/errors.js';
import { fakePorts } from '../../support/fakes/ports.js';
import { named } from '../../support/parts/nats-parts.js';
import { renewing, siteOf } from '../../support/parts/site.js';
import { twoClusters } from '../../support/topologies.js';
import { K3S, KUBECTL, LoginHost } from '../../support/parts/login-host.js';

const WRITTEN = `# written by leafspan\n${K3S}`;
const EXTERNAL =
  '# written by leafspan\nserver: https://192.0.2.10:6443\nname: cluster-a\ncurrent-context: cluster-a\n';
const HUB = hubScope(twoClusters());
const { ssh, externalAddress } = hostOf(HUB);
const LOGIN = { user: ssh.user ?? '', cluster: 'cluster-a', externalAddress };
const CREATES_KUBECTL = `create ${KUBECTL}, because it is not there`;

let on: LoginHost;
beforeEach(() => {
  on = new LoginHost();
});
afterEach(() => on.drop());

test('a host without ~/.kube gets both kubeconfigs, for its login user only', async () => {
  expect(await on.ensure()).toEqual([
    'create /home/.kube/config, because it is not there',
    'create /home/.kube/config-external, because it is not there',
    CREATES_KUBECTL,
  ]);
  expect([on.read('/home/.kube/config'), on.read('/home/.kube/config-external')]).toEqual([WRITTEN, EXTERNAL]);
  expect(statSync(on.at('/home/.kube')).mode & 0o777).toBe(0o700);
  expect(statSync(on.at('/home/.kube/config')).mode & 0o777).toBe(0o600);
});

test('a second look finds nothing to do', async () => {
  await on.ensure();
  expect(await on.ensure()).toEqual([]);
});

test('a look changes nothing', async () => {
  await on.see();
  expect(on.inHome()).toEqual([]);
  expect(readdirSync(on.at('/var/lib/leafspan'))).toEqual(['before']);
  expect(readlinkSync(on.at(KUBECTL))).toBe('k3s');
});

test('a plan before there is a K3s has the same steps', async () => {
  rmSync(on.at('/etc/rancher/k3s/k3s.yaml'));
  expect((await on.see()).steps.map(({ verb, object }) => `${verb} ${object}`)).toEqual([
    'create /home/.kube/config',
    'create /home/.kube/config-external',
    `create ${KUBECTL}`,
  ]);
});

test('without the kubeconfig of K3s nothing is written, and the next attempt does it', async () => {
  rmSync(on.at('/etc/rancher/k3s/k3s.yaml'));
  expect(await failureOf(on.ensure())).toMatchObject({ code: 'COMMAND_FAILED' });
  expect(existsSync(on.at('/home/.kube/config'))).toBe(false);
  on.put('/etc/rancher/k3s/k3s.yaml', K3S);
  await on.ensure();
  expect(on.inHome()).toEqual(['.kube', '.kube/config', '.kube/config-external']);
});

test('files of ours follow when K3s renews its certificates', async () => {
  await on.ensure();
  on.put('/etc/rancher/k3s/k3s.yaml', `${K3S}renewed\n`);
  expect(await on.ensure()).toEqual([
    'change /home/.kube/config, because it differs from the one that K3s wrote',
    'change /home/.kube/config-external, because it differs from the one that K3s wrote',
  ]);
  expect(on.read('/home/.kube/config')).toBe(`${WRITTEN}renewed\n`);
});

const STATES = 'same /home/ada/.kube/config\ntheirs /home/ada/.kube/config-external\nsame /usr/local/bin/kubectl\n';

test.each<[what: string, adopted: boolean, steps: string[]]>([
  [
    'are written again in the run in which K3s is restarted for its certificates',
    false,
    ['change /home/ada/.kube/config'],
  ],
  ['stay where K3s is its owner’s to restart', true, []],
])('files of ours %s', async (_what, adopted, steps) => {
  const { certificate } = await new PeculiarMint().selfSigned({
    commonName: 'x',
    usages: [],
    dns: [],
    ips: [],
    days: 30.5,
  });
  const ports = fakePorts();
  const started = Math.floor(Date.now() / 1_000) - 300 * 86_400;
  ports.hosts
    .on(loginKubeconfigFactsScript(LOGIN), STATES)
    .on(k3sFactsScript, `unit=active\nstarted=${started}\ncertificate=/var/lib/rancher/k3s/agent/x.crt\n${certificate}`)
    .on(claimFactsScript, `claim={"topology":"plant-7","adopted":${adopted}}\n`);
  for (const scope of [HUB, renewing(HUB)])
    expect(named((await kubeconfigs.see(siteOf(ports, scope))).steps)).toEqual(steps);
});

test('a file of ours that others could read is closed again', async () => {
  await on.ensure();
  chmodSync(on.at('/home/.kube/config'), 0o644);
  expect(await on.ensure()).toEqual(['change /home/.kube/config, because its owner or mode differs']);
  expect(await on.ensure()).toEqual([]);
});

test('a file that was deleted is written again', async () => {
  await on.ensure();
  rmSync(on.at('/home/.kube/config-external'));
  expect(await on.ensure()).toEqual(['create /home/.kube/config-external, because it is not there']);
});

test('a config of the user’s own is neither overwritten nor moved, and stays when all else goes', async () => {
  on.put('/home/.kube/config', 'mine\n');
  chmodSync(on.at('/home/.kube'), 0o755);
  expect(await on.ensure()).toEqual(['create /home/.kube/config-external, because it is not there', CREATES_KUBECTL]);
  expect(await on.remove()).toEqual(['/home/.kube/config-external', KUBECTL]);
  expect(on.inHome()).toEqual(['.kube', '.kube/config']);
  expect(on.read('/home/.kube/config')).toBe('mine\n');
  expect(statSync(on.at('/home/.kube')).mode & 0o777).toBe(0o755);
});

test('edits of the user in our file are kept, run after run, and by a removal', async () => {
  await on.ensure();
  on.put('/home/.kube/config', `${K3S}context: mine\n`);
  on.put('/etc/rancher/k3s/k3s.yaml', `${K3S}renewed\n`);
  await on.ensure();
  await on.ensure();
  expect(on.read('/home/.kube/config')).toBe(`${K3S}context: mine\n`);
  expect(await on.remove()).toEqual(['/home/.kube/config-external', KUBECTL]);
  expect(on.inHome()).toEqual(['.kube', '.kube/config']);
});

test('a config that the user makes between look and act is not overwritten', async () => {
  const { steps, act } = await on.see();
  on.put('/home/.kube/config', 'mine\n');
  await act(steps);
  expect(on.read('/home/.kube/config')).toBe('mine\n');
});

test('a removal takes our files and the directory that we made, with the cache of kubectl', async () => {
  await on.ensure();
  on.put('/home/.kube/cache/discovery/127.0.0.1_6443/servergroups.json', '{}');
  expect(await on.remove()).toEqual(['/home/.kube/config', '/home/.kube/config-external', KUBECTL, '/home/.kube']);
  expect(on.inHome()).toEqual([]);
  expect(await on.remove()).toEqual([]);
});

test('a directory and a cache that were there before stay', async () => {
  on.put('/home/.kube/cache/mine', '');
  await on.ensure();
  expect(await on.remove()).toEqual(['/home/.kube/config', '/home/.kube/config-external', KUBECTL]);
  expect(on.inHome()).toEqual(['.kube', '.kube/cache', '.kube/cache/mine']);
});

test('a directory in which the user has put a file stays', async () => {
  await on.ensure();
  on.put('/home/.kube/work cluster', 'mine');
  await on.remove();
  expect(on.inHome()).toEqual(['.kube', '.kube/work cluster']);
});

test('what K3s has renewed since is still ours to remove', async () => {
  await on.ensure();
  rmSync(on.at('/etc/rancher/k3s/k3s.yaml'));
  expect(await on.remove()).toHaveLength(4);
});

test('an attempt that was cut off after a file was recorded knows it as its own', async () => {
  on.hosts.before += 'mv() { return 1; }\n';
  await failureOf(on.ensure());
  on.hosts.before = on.hosts.before.replace('mv() { return 1; }\n', '');
  await on.ensure();
  expect(on.inHome()).toEqual(['.kube', '.kube/config', '.kube/config-external']);
  await on.remove();
  expect(on.inHome()).toEqual([]);
});
