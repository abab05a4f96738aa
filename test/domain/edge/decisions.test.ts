import type { V1CustomResourceDefinition } from '@kubernetes/client-node';
import { expect, test } from '@jest/globals';
import { admissionOf } from '../../../src/domain/edge/allow-list.js';
import { crdOwner, edgeCrds } from '../../../src/domain/edge/crds.js';
import { routeState } from '../../../src/domain/edge/transport-server.js';

test.each<[addresses: string[], allow: string[], admission: string]>([
  [['192.0.2.20'], ['192.0.2.20'], 'allowed'],
  [['192.0.2.20', '10.0.0.5'], ['192.0.2.0/24', '10.0.0.0/8'], 'allowed'],
  [['192.0.2.20', '10.0.0.5'], ['192.0.2.0/24'], 'either'],
  [['192.0.2.20'], ['192.0.2.21', '198.51.100.0/24'], 'refused'],
  [['192.0.2.10', '10.42.0.0/16'], ['10.42.0.1'], 'either'],
])('one who comes from %j is, by the list %j, %s', (addresses, allow, admission) => {
  expect(admissionOf(addresses, allow)).toBe(admission);
});

test.each([
  ['that is not there', undefined, 'TransportServer nats-client is not there'],
  ['that nobody has looked at', {}, 'the controller has not looked at TransportServer nats-client yet'],
  [
    'that is rejected',
    { status: { state: 'Invalid', reason: 'Rejected', message: "Listener nats-client doesn't exist " } },
    "TransportServer nats-client is Invalid: Listener nats-client doesn't exist",
  ],
  ['that is taken', { status: { state: 'Valid', reason: 'AddedOrUpdated', message: 'ok' } }, undefined],
])('a route %s', (_what, seen, state) => {
  expect(routeState('nats-client', seen)).toBe(state);
});

const crd = (served: boolean, owner?: string): V1CustomResourceDefinition => ({
  metadata: owner === undefined ? {} : { labels: { 'app.kubernetes.io/managed-by': owner } },
  spec: {
    group: 'k8s.nginx.org',
    names: { kind: 'X', plural: 'x' },
    scope: 'Namespaced',
    versions: [{ name: 'v1', served, storage: served }],
  },
});
const [OURS, THEIRS, OLD] = [crd(true, 'leafspan'), crd(true, 'Helm'), crd(false, 'Helm')];

test.each([
  ['no one', [undefined, undefined, undefined], 'none'],
  ['leafspan', [OURS, OURS, OURS], 'ours'],
  ['leafspan, one deleted', [OURS, undefined, OURS], 'ours'],
  ['others', [THEIRS, THEIRS, THEIRS], 'others'],
])('CRDs of %s are told apart', (_owner, seen, owner) => {
  expect(crdOwner(seen)).toBe(owner);
});

test.each([
  ['one is missing', [THEIRS, undefined, THEIRS], 'transportservers.k8s.nginx.org'],
  ['one is of another version', [THEIRS, THEIRS, OLD], 'policies.k8s.nginx.org'],
])('CRDs of others do not fit when %s', (_why, seen, name) => {
  expect(crdOwner(seen)).toEqual({
    unfit: `the cluster has CRDs of another NGINX Ingress Controller, without ${name} in version v1`,
  });
});

const definition = (name: string, kind = 'CustomResourceDefinition'): string =>
  `---\napiVersion: apiextensions.k8s.io/v1\nkind: ${kind}\nmetadata: {name: ${name}}\n`;

test('takes the definitions of the controller from a file', () => {
  const yaml = ['policies.k8s.nginx.org', 'dnsendpoints.externaldns.nginx.org']
    .map((name) => definition(name))
    .join('');
  expect(edgeCrds(yaml, 'a'.repeat(64)).map(({ metadata }) => metadata.name)).toEqual([
    'policies.k8s.nginx.org',
    'dnsendpoints.externaldns.nginx.org',
  ]);
});

test.each([
  ['another API', definition('links.linkerd.io')],
  ['another kind', definition('policies.k8s.nginx.org', 'ClusterRoleBinding')],
])('refuses a file with %s', (_what, yaml) => {
  expect(() => edgeCrds(yaml, 'a'.repeat(64))).toThrow(
    expect.objectContaining({
      code: 'BUNDLE_INVALID',
      message: expect.stringContaining('in the manifests of the NGINX Ingress Controller is not part of it') as unknown,
    }),
  );
});
