import { expect, test } from '@jest/globals';
import type { Host } from '../../../src/contract/topology/topology.js';
import { renderK3sConfig } from '../../../src/domain/k3s/config.js';
import { imageListScript, importFailureScript } from '../../../src/domain/k3s/images.js';
import {
  decideK3s,
  k3sFactsScript,
  scriptOf,
  unitStateScript,
  type K3sFacts,
} from '../../../src/domain/k3s/install.js';
import {
  loginKubeconfigFactsScript,
  loginKubeconfigRemainsScript,
  removeLoginKubeconfigsScript,
  writeLoginKubeconfigsScript,
} from '../../../src/domain/k3s/login-kubeconfigs.js';
import { remainsScript, removeK3sScript } from '../../../src/domain/k3s/before/removal.js';
import { expectGolden } from '../../support/golden.js';
import { hostNamed, twoClusters } from '../../support/topologies.js';

const { k3s } = twoClusters();
const host = hostNamed('vm-a', 'cluster-a', '192.0.2.10');
const config = renderK3sConfig(host, k3s);
const running: K3sFacts = { version: k3s.version, config, unit: 'active', enabled: true, runsCurrentBinary: true };

const login = { user: 'ubuntu', cluster: 'cluster-a', externalAddress: '192.0.2.10' };
const paths = ['/home/ubuntu/.kube/config', '/home/ubuntu/.kube/config-external', '/usr/local/bin/kubectl'];

test.each<[name: string, host: Host, more: Partial<typeof k3s>]>([
  ['one-address', host, {}],
  ['behind-nat', { ...host, internalAddress: '10.0.0.10', ssh: { ...host.ssh, address: 'vm-a.example.org' } }, {}],
  ['many-pods', host, { maxPods: 200 }],
])('K3s on a host of this kind has this configuration: %s', (name, of, more) => {
  expectGolden(`k3s/config-${name}.yaml`, renderK3sConfig(of, { ...k3s, ...more }));
});

test.each<[name: string, script: string]>([
  ['facts', k3sFactsScript],
  ['unit-state', unitStateScript],
  ['image-list', imageListScript],
  ['image-import-failure', importFailureScript],
  ['login-kubeconfigs-facts', loginKubeconfigFactsScript(login)],
  ['login-kubeconfigs-write', writeLoginKubeconfigsScript(login, paths)],
  ['login-kubeconfigs-remains', loginKubeconfigRemainsScript(login)],
  ['login-kubeconfigs-remove', removeLoginKubeconfigsScript(login, ['/home/ubuntu/.kube'])],
  ['remove', removeK3sScript],
  ['remains', remainsScript],
])('a host gets this script for K3s: %s', (name, script) => {
  expectGolden(`scripts/k3s/${name}.sh`, script);
});

test.each<[name: string, seen: K3sFacts]>([
  ['on-a-bare-host', { enabled: false, runsCurrentBinary: false }],
  ['stopped', { ...running, unit: 'inactive' }],
  ['with-another-configuration', { ...running, config: 'node-name: vm-x\n' }],
  ['with-a-new-binary', { ...running, runsCurrentBinary: false }],
])('K3s gets these scripts, one after the other: %s', (name, seen) => {
  const scripts = decideK3s(seen, config).map((step) => `# ${step.verb} ${step.object}\n${scriptOf(step, config)}`);
  expectGolden(`scripts/k3s/${name}.sh`, scripts.join('\n'));
});

test('a topology that names no login user gives the kubeconfigs to the one who logs in', () => {
  const unnamed = { cluster: login.cluster, externalAddress: login.externalAddress };
  expect(loginKubeconfigFactsScript(unnamed)).toContain(`user=\${SUDO_USER:-root}; home=`);
});
