import type { V1Endpoints, V1Service } from '@kubernetes/client-node';
import { expect, test } from '@jest/globals';
import { injectionProbe } from '../../../src/domain/linkerd/injection.js';
import { hasProxy } from '../../../src/domain/linkerd/proxy.js';
import { mirrorState, type LinkStatus } from '../../../src/domain/multicluster/mirror.js';

/** Recorded with Linkerd edge-26.8.3; times left out. */
const MIRRORED = {
  remoteRef: { kind: 'Service', name: 'nats-broker', namespace: 'nats-system', group: 'core' },
  controllerName: 'linkerd.io/service-mirror',
  conditions: [
    {
      type: 'Mirrored',
      status: 'True',
      reason: 'Mirrored',
      message: '',
      localRef: { group: 'core', kind: 'Service', name: 'nats-broker-cluster-a', namespace: 'nats-system' },
    },
  ],
};
const NAMESPACE_MISSING = {
  ...MIRRORED,
  conditions: [{ type: 'Mirrored', status: 'False', reason: 'MissingNamespace', message: 'Namespace does not exist' }],
};
const OTHER = { ...MIRRORED, remoteRef: { ...MIRRORED.remoteRef, name: 'other' } };
const link = (...mirrorServices: object[]): LinkStatus => ({ status: { mirrorServices } });
const service: V1Service = {};
const endpoints = (...addresses: string[]): V1Endpoints => ({
  subsets: [{ addresses: addresses.map((ip) => ({ ip })), ports: [{ name: 'leaf', port: 4143 }] }],
});

const UNSEEN = 'the mirror controller has not seen the exported Service yet';

type Seen = Parameters<typeof mirrorState> extends [string, ...infer Rest] ? Rest : never;

test.each<[behaviour: string, seen: Seen, missingParts: string | undefined]>([
  [
    'is content with a mirrored Service that has an endpoint',
    [link(MIRRORED), service, endpoints('192.0.2.10')],
    undefined,
  ],
  ['finds the Service among others', [link(OTHER, MIRRORED), service, endpoints('192.0.2.10')], undefined],
  ['misses the Link', [undefined, service, endpoints('192.0.2.10')], 'there is no Link'],
  ['misses the status of a fresh Link', [{ status: {} }, undefined, undefined], UNSEEN],
  ['misses any status', [{}, undefined, undefined], UNSEEN],
  ['does not take another Service’s entry for it', [link(OTHER), service, endpoints('192.0.2.10')], UNSEEN],
  [
    'tells why the Link does not mirror',
    [link(NAMESPACE_MISSING), undefined, undefined],
    'the Link says MissingNamespace: Namespace does not exist',
  ],
  [
    'does not trust a stale status of the Link',
    [link(MIRRORED), undefined, undefined],
    'the mirrored Service is not there',
  ],
  ['misses the Endpoints', [link(MIRRORED), service, undefined], 'the mirrored Service has no endpoint'],
  [
    'misses an address in the Endpoints',
    [link(MIRRORED), service, endpoints()],
    'the mirrored Service has no endpoint',
  ],
  [
    'takes an address without a port for none',
    [link(MIRRORED), service, { subsets: [{ addresses: [{ ip: '192.0.2.10' }] }] }],
    'the mirrored Service has no endpoint',
  ],
  ['takes emptied Endpoints for none', [link(MIRRORED), service, {}], 'the mirrored Service has no endpoint'],
  [
    'is content with the endpoint of the gateway among others',
    [link(MIRRORED), service, endpoints('192.0.2.9', '192.0.2.10'), '192.0.2.10:4143'],
    undefined,
  ],
  [
    'misses the endpoint of a gateway that has moved',
    [link(MIRRORED), service, endpoints('192.0.2.10'), '192.0.2.10:30143'],
    'the mirrored Service leads to 192.0.2.10:4143 and not to 192.0.2.10:30143',
  ],
])('%s', (_behaviour, seen, missingParts) => {
  expect(mirrorState('nats-broker', ...seen)).toBe(missingParts);
});

const named = (...names: string[]): { name: string }[] => names.map((name) => ({ name }));

test.each([
  ['a native sidecar', { containers: named('nats'), initContainers: named('linkerd-init', 'linkerd-proxy') }, true],
  ['a sidecar as a container', { containers: named('nats', 'linkerd-proxy') }, true],
  ['only its init container', { containers: named('nats'), initContainers: named('linkerd-init') }, false],
  ['no sidecar', { containers: named('nats') }, false],
  ['no spec', undefined, false],
])('sees whether a pod has a proxy: %s', (_pod, spec, proxy) => {
  expect(hasProxy(spec)).toBe(proxy);
});

test('probes the injector with a pod of a name of its own, in the namespace of NATS, that wants to be injected', () => {
  expect(injectionProbe('1a2b')).toMatchObject({
    kind: 'Pod',
    metadata: {
      name: 'leafspan-injection-1a2b',
      namespace: 'nats-system',
      annotations: { 'linkerd.io/inject': 'enabled' },
    },
  });
  expect(hasProxy(injectionProbe('1a2b').spec)).toBe(false);
});
