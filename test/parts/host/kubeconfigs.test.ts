import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { hubScope } from '../../../src/contract/topology/scope.js';
import { kubeconfigs } from '../../../src/parts/host/kubeconfigs.js';
import { failureOf } from '../../support/errors.js';
import { BashHosts } from '../../support/fakes/bash-hosts.js';
import { fakePorts } from '../../support/fakes/ports.js';
import { siteOf } from '../../support/parts/site.js';
import { hostNamed, twoClusters } from '../../support/topologies.js';

/** The part in a real bash, with the home directory of the login user in a temporary one. */
const { username } = userInfo();
const host = hostNamed('vm-a', 'cluster-a', '192.0.2.10');
const scope = hubScope(
  twoClusters({
    broker: { name: 'cluster-a', role: 'broker', hosts: [{ ...host, ssh: { ...host.ssh, user: username } }] },
  }),
);
const K3S = 'server: https://127.0.0.1:6443\nname: default\ncurrent-context: default\n';
const WRITTEN = `# written by leafspan\n${K3S}`;
const EXTERNAL =
  '# written by leafspan\nserver: https://192.0.2.10:6443\nname: cluster-a\ncurrent-context: cluster-a\n';

let root: string;
let hosts: BashHosts;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leafspan-kubeconfigs-'));
  hosts = new BashHosts(root);
  hosts.before = `getent() { echo "$2:x:0:0::${root}/home:/bin/bash"; }\n`;
  mkdirSync(join(root, 'home'));
  mkdirSync(join(root, 'var/lib/leafspan'), { recursive: true });
  put('/etc/rancher/k3s/k3s.yaml', K3S);
});
afterEach(() => rmSync(root, { recursive: true }));

const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const inHome = (): string[] => readdirSync(join(root, 'home'), { recursive: true, encoding: 'utf8' }).sort();

const see = () => kubeconfigs.see(siteOf(fakePorts({ hosts }), scope));
async function ensure(): Promise<string[]> {
  const { steps, act } = await see();
  await act(steps);
  return steps.map(({ verb, object, because }) => `${verb} ${object}, because ${because}`);
}
async function remove(): Promise<string[]> {
  const { steps, act } = await kubeconfigs.seeForRemoval(siteOf(fakePorts({ hosts }), scope));
  await act(steps);
  return steps.map(({ object }) => object);
}

test('a host without ~/.kube gets both kubeconfigs, for its login user only', async () => {
  expect(await ensure()).toEqual([
    'create /home/.kube/config, because it is not there',
    'create /home/.kube/config-external, because it is not there',
  ]);
  expect([read('/home/.kube/config'), read('/home/.kube/config-external')]).toEqual([WRITTEN, EXTERNAL]);
  expect(statSync(join(root, 'home/.kube')).mode & 0o777).toBe(0o700);
  expect(statSync(join(root, 'home/.kube/config')).mode & 0o777).toBe(0o600);
});

test('a second look finds nothing to do', async () => {
  await ensure();
  expect(await ensure()).toEqual([]);
});

test('a look changes nothing', async () => {
  await see();
  expect(inHome()).toEqual([]);
  expect(readdirSync(join(root, 'var/lib/leafspan'))).toEqual([]);
});

test('a plan before there is a K3s has the same steps', async () => {
  rmSync(join(root, 'etc/rancher/k3s/k3s.yaml'));
  expect((await see()).steps.map(({ verb, object }) => `${verb} ${object}`)).toEqual([
    'create /home/.kube/config',
    'create /home/.kube/config-external',
  ]);
});

test('without the kubeconfig of K3s nothing is written, and the next attempt does it', async () => {
  rmSync(join(root, 'etc/rancher/k3s/k3s.yaml'));
  expect(await failureOf(ensure())).toMatchObject({ code: 'COMMAND_FAILED' });
  expect(existsSync(join(root, 'home/.kube/config'))).toBe(false);
  put('/etc/rancher/k3s/k3s.yaml', K3S);
  await ensure();
  expect(inHome()).toEqual(['.kube', '.kube/config', '.kube/config-external']);
});

test('files of ours follow when K3s renews its certificates', async () => {
  await ensure();
  put('/etc/rancher/k3s/k3s.yaml', `${K3S}renewed\n`);
  expect(await ensure()).toEqual([
    'change /home/.kube/config, because it differs from the one that K3s wrote',
    'change /home/.kube/config-external, because it differs from the one that K3s wrote',
  ]);
  expect(read('/home/.kube/config')).toBe(`${WRITTEN}renewed\n`);
});

test('a file of ours that others could read is closed again', async () => {
  await ensure();
  chmodSync(join(root, 'home/.kube/config'), 0o644);
  expect(await ensure()).toEqual(['change /home/.kube/config, because its owner or mode differs']);
  expect(await ensure()).toEqual([]);
});

test('a file that was deleted is written again', async () => {
  await ensure();
  rmSync(join(root, 'home/.kube/config-external'));
  expect(await ensure()).toEqual(['create /home/.kube/config-external, because it is not there']);
});

test('a config of the user’s own is neither overwritten nor moved, and stays when all else goes', async () => {
  put('/home/.kube/config', 'mine\n');
  chmodSync(join(root, 'home/.kube'), 0o755);
  expect(await ensure()).toEqual(['create /home/.kube/config-external, because it is not there']);
  expect(await remove()).toEqual(['/home/.kube/config-external']);
  expect(inHome()).toEqual(['.kube', '.kube/config']);
  expect(read('/home/.kube/config')).toBe('mine\n');
  expect(statSync(join(root, 'home/.kube')).mode & 0o777).toBe(0o755);
});

test('edits of the user in our file are kept, run after run, and by a removal', async () => {
  await ensure();
  put('/home/.kube/config', `${K3S}context: mine\n`);
  put('/etc/rancher/k3s/k3s.yaml', `${K3S}renewed\n`);
  await ensure();
  await ensure();
  expect(read('/home/.kube/config')).toBe(`${K3S}context: mine\n`);
  expect(await remove()).toEqual(['/home/.kube/config-external']);
  expect(inHome()).toEqual(['.kube', '.kube/config']);
});

test('a config that the user makes between look and act is not overwritten', async () => {
  const { steps, act } = await see();
  put('/home/.kube/config', 'mine\n');
  await act(steps);
  expect(read('/home/.kube/config')).toBe('mine\n');
});

test('a removal takes our files and the directory that we made, with the cache of kubectl', async () => {
  await ensure();
  put('/home/.kube/cache/discovery/127.0.0.1_6443/servergroups.json', '{}');
  expect(await remove()).toEqual(['/home/.kube/config', '/home/.kube/config-external', '/home/.kube']);
  expect(inHome()).toEqual([]);
  expect(await remove()).toEqual([]);
});

test('a directory and a cache that were there before stay', async () => {
  put('/home/.kube/cache/mine', '');
  await ensure();
  expect(await remove()).toEqual(['/home/.kube/config', '/home/.kube/config-external']);
  expect(inHome()).toEqual(['.kube', '.kube/cache', '.kube/cache/mine']);
});

test('a directory in which the user has put a file stays', async () => {
  await ensure();
  put('/home/.kube/work cluster', 'mine');
  await remove();
  expect(inHome()).toEqual(['.kube', '.kube/work cluster']);
});

test('what K3s has renewed since is still ours to remove', async () => {
  await ensure();
  rmSync(join(root, 'etc/rancher/k3s/k3s.yaml'));
  expect(await remove()).toHaveLength(3);
});

test('an attempt that was cut off after a file was recorded knows it as its own', async () => {
  hosts.before += 'mv() { return 1; }\n';
  await failureOf(ensure());
  hosts.before = hosts.before.replace('mv() { return 1; }\n', '');
  await ensure();
  expect(inHome()).toEqual(['.kube', '.kube/config', '.kube/config-external']);
  await remove();
  expect(inHome()).toEqual([]);
});
