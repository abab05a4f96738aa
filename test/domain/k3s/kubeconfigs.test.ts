import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { externalKubeconfig } from '../../../src/domain/k3s/kubeconfigs.js';

/** As K3s writes it. */
const K3S = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: Q0E=
    server: https://127.0.0.1:6443
  name: default
contexts:
- context:
    cluster: default
    user: default
  name: default
current-context: default
kind: Config
users:
- name: default
  user:
    client-certificate-data: Q0VSVA==
    client-key-data: S0VZ
`;

const made = (text: string): unknown => parse(externalKubeconfig(text, 'cluster-a', '203.0.113.10:6443') ?? 'none');

const WANTED = {
  apiVersion: 'v1',
  kind: 'Config',
  preferences: {},
  clusters: [
    { name: 'cluster-a', cluster: { 'certificate-authority-data': 'Q0E=', server: 'https://203.0.113.10:6443' } },
  ],
  users: [{ name: 'cluster-a', user: { 'client-certificate-data': 'Q0VSVA==', 'client-key-data': 'S0VZ' } }],
  contexts: [{ name: 'cluster-a', context: { cluster: 'cluster-a', user: 'cluster-a' } }],
  'current-context': 'cluster-a',
};

test('a kubeconfig for outside has the address from there, and names of its own', () => {
  expect(made(K3S)).toEqual(WANTED);
});

test.each([
  ['a program', `${K3S}    exec:\n      apiVersion: client.authentication.k8s.io/v1\n      command: /bin/sh\n`],
  ['a file of this machine', `${K3S}    tokenFile: /home/ann/.ssh/id_ed25519\n`],
  ['another way to the server', K3S.replace('    server:', '    proxy-url: http://192.0.2.1\n    server:')],
  ['another server', K3S.replace('127.0.0.1:6443', '192.0.2.1')],
  ['no check of the server', K3S.replace('    server:', '    insecure-skip-tls-verify: true\n    server:')],
])('of a host in other hands that names %s nothing of it is taken', (_what, text) => {
  expect(made(text)).toEqual(WANTED);
});

test.each([
  ['no key', K3S.replace(/.*client-key-data.*\n/, '')],
  ['files for certificates', K3S.replace('client-certificate-data: Q0VSVA==', 'client-certificate: /etc/x.crt')],
  ['what is no base64', K3S.replace('S0VZ', 'S0VZ\\n    exec: {}')],
  ['nothing', ''],
])('a kubeconfig with %s is none', (_what, text) => {
  expect(externalKubeconfig(text, 'cluster-a', '203.0.113.10:6443')).toBeUndefined();
});
