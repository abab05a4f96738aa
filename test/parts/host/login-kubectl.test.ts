import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { KUBECTL, LoginHost } from '../../support/parts/login-host.js';

let on: LoginHost;
beforeEach(() => {
  on = new LoginHost();
});
afterEach(() => on.drop());

const kubectl = (env: NodeJS.ProcessEnv): string =>
  execFileSync(on.at(KUBECTL), ['get', 'nodes'], { encoding: 'utf8', env: { PATH: '/usr/bin:/bin', ...env } });

test('kubectl of a user who may not read the kubeconfig of K3s takes the user’s own, or the one that is named', async () => {
  await on.ensure();
  rmSync(on.at('/etc/rancher/k3s/k3s.yaml'));
  expect(kubectl({ HOME: '/home/u' })).toBe('k3s kubectl get nodes reads /home/u/.kube/config\n');
  expect(kubectl({ HOME: '/home/u', KUBECONFIG: '/named' })).toBe('k3s kubectl get nodes reads /named\n');
});

test('kubectl of root takes what K3s takes', async () => {
  await on.ensure();
  expect(kubectl({ HOME: '/root' })).toBe('k3s kubectl get nodes reads what it likes\n');
});

test.each<[what: string, prepare: () => void]>([
  ['a file of the owner’s', () => (rmSync(on.at(KUBECTL)), on.put(KUBECTL, 'mine'))],
  ['the link of a K3s that was there before', () => rmSync(on.at('/var/lib/leafspan/before'), { recursive: true })],
  ['one in another place', () => (rmSync(on.at(KUBECTL)), (on.hosts.before += 'command() { true; }\n'))],
])('a kubectl stays as it is: %s', async (_what, prepare) => {
  prepare();
  const before = readdirSync(on.at('/usr/local/bin'));
  expect(await on.ensure()).toHaveLength(2);
  await on.remove();
  expect(readdirSync(on.at('/usr/local/bin'))).toEqual(before);
});
