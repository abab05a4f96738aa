import type { KubernetesObject, V1NetworkPolicy, V1Service } from '@kubernetes/client-node';
import { expect, test } from '@jest/globals';
import {
  configMap,
  namespace,
  natsServer,
  service,
  serviceAccount,
  tlsSecret,
} from '../../../src/domain/nats/objects/manifests.js';
import { clientsOf, networkPolicy, outsideOf } from '../../../src/domain/nats/objects/network-policy.js';
import { meshed } from '../../../src/domain/linkerd/meshed.js';
import { program } from '../../../src/domain/nats/objects/programs.js';
import { hostAddresses, meshPolicy } from '../../../src/domain/multicluster/mesh-policy.js';

const OPAQUE = { 'config.linkerd.io/opaque-ports': '4222,7422' };
const INJECTED = { 'linkerd.io/inject': 'enabled' };

const leafPort = { name: 'leaf', port: 7422 } as const;
const clientPort = { name: 'client', port: 4222 } as const;
const services: V1Service[] = [
  service('nats-broker', 'nats-broker', [leafPort]),
  service('nats-broker-client', 'nats-broker', [clientPort]),
  service('nats-broker-headless', 'nats-broker', [{ name: 'monitor', port: 8222 }], 'headless'),
  service('nats-broker-external', 'nats-broker', [clientPort, leafPort], 'NodePort'),
  service('nats-leaf', 'nats-leaf', [clientPort]),
];
const workloads = [
  natsServer({
    app: 'nats-broker',
    account: 'a',
    image: 'i',
    ports: ['client'],
    secrets: {},
    memoryMiB: 256,
    checksum: 'c',
    certificates: 'd',
    accounts: undefined,
  }),
  program({
    app: 'publisher',
    cluster: 'cluster-a',
    image: 'i',
    server: 's',
    subject: 't',
    publishEverySeconds: 5,
    checksum: 'c',
  }),
];
const dressed = <T extends KubernetesObject>(object: T): T => meshed(object as never);

test.each(services.map((object) => [object.metadata?.name ?? '', object] as const))(
  'Service %s tells that its ports are opaque, and is otherwise as it was',
  (_name, object) => {
    const { metadata, ...rest } = dressed(object);
    expect(metadata?.annotations).toEqual(OPAQUE);
    expect({ ...rest, metadata: { name: metadata?.name } }).toEqual({
      ...object,
      metadata: { name: object.metadata?.name },
    });
  },
);

test('the Service of the leaf nodes alone is exported, and it has no port but theirs', () => {
  const exported = services
    .map(dressed)
    .filter(({ metadata }) => metadata?.labels?.['mirror.linkerd.io/exported'] !== undefined);
  expect(exported).toMatchObject([
    {
      metadata: {
        name: 'nats-broker',
        labels: {
          'mirror.linkerd.io/exported': 'true',
          app: 'nats-broker',
          'app.kubernetes.io/managed-by': 'leafspan',
        },
      },
    },
  ]);
  expect(exported[0]?.spec?.ports?.map(({ port }) => port)).toEqual([7422]);
});

test.each(workloads.map((object) => [object.kind, object] as const))(
  'the pods of a %s are injected, their ports opaque, and what restarts them stays',
  (_kind, object) => {
    const made = dressed<object>(object) as typeof object;
    expect(made.spec?.template.metadata?.annotations).toEqual({
      'leafspan.io/config-checksum': 'c',
      ...INJECTED,
      ...OPAQUE,
      'config.linkerd.io/shutdown-grace-period': '1s',
      'config.linkerd.io/proxy-await': 'disabled',
    });
    expect(made.spec?.template.metadata?.labels).toEqual(object.spec?.template.metadata?.labels);
    expect(made.spec?.template.spec).toEqual(object.spec?.template.spec);
    expect(made.metadata).toEqual(object.metadata);
  },
);

test('the namespace is injected and lets Linkerd’s init container set packet filter rules', () => {
  expect(dressed(namespace()).metadata).toEqual({
    name: 'nats-system',
    annotations: INJECTED,
    labels: {
      app: 'nats-system',
      'app.kubernetes.io/managed-by': 'leafspan',
      'pod-security.kubernetes.io/enforce': 'privileged',
    },
  });
});

interface Opened {
  ports: unknown[];
  from: unknown;
}
const openedBy = ({ spec }: V1NetworkPolicy): Opened[] =>
  (spec?.ingress ?? []).map(({ ports = [], _from: from }) => ({ ports: ports.map(({ port }) => port), from }));

const PUBLISHER = clientsOf('publisher', []);
const OUTSIDE = { ipBlock: { cidr: '0.0.0.0/0', except: ['10.42.0.0/16'] } };
const gatewayPods = {
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'linkerd-multicluster' } },
  podSelector: { matchLabels: { app: 'linkerd-gateway' } },
};

test('the proxy’s port of the broker is open to its clients and to the gateway, and not to what comes from outside', () => {
  const policy = networkPolicy('nats-broker', [PUBLISHER, ...outsideOf('10.42.0.0/16', ['client'])]);
  expect(openedBy(dressed(policy))).toEqual([
    { ports: [4222, 4143], from: PUBLISHER.from },
    { ports: [4222], from: [OUTSIDE] },
    { ports: [7422, 4143], from: [gatewayPods] },
  ]);
});

test('no gateway gets in at a leaf node', () => {
  const entry = clientsOf('subscriber', []);
  expect(openedBy(dressed(networkPolicy('nats-leaf', [entry])))).toEqual([{ ports: [4222, 4143], from: entry.from }]);
});

test('a NetworkPolicy that opens nothing goes on opening nothing', () => {
  const closed = networkPolicy('publisher', []);
  expect(dressed(closed)).toEqual(closed);
});

test.each([
  ['ServiceAccount', serviceAccount('nats-broker')],
  ['ConfigMap', configMap('nats-broker', 'port: 4222')],
  ['Secret', tlsSecret('nats-broker-tls', 'nats-broker', { certificate: 'a', privateKey: 'b', ca: 'c' })],
  ['kind that nobody knows', { apiVersion: 'example.org/v1', kind: 'Widget', metadata: { name: 'w' } }],
])('leaves a %s as it is', (_kind, object) => {
  expect(dressed<KubernetesObject>(object)).toBe(object);
});

test('dresses an object without changing the one it was given', () => {
  const before = JSON.stringify([...services, ...workloads, namespace()]);
  [...services, ...workloads].forEach((object) => dressed<object>(object));
  expect(JSON.stringify([...services, ...workloads, namespace()])).toBe(before);
});

const POLICY = meshPolicy('nats-broker', ['client', 'leaf'], ['10.42.0.1', '10.0.0.5']);
const specsOf = (kind: string): [string, object][] =>
  POLICY.filter((object) => object.kind === kind).map(({ metadata, spec }) => [metadata.name, spec]);

test('the policy closes each NATS port, and no other, to unmeshed peers', () => {
  expect(specsOf('Server')).toEqual(
    ['client', 'leaf'].map((port) => [
      `nats-broker-${port}`,
      {
        podSelector: { matchLabels: { app: 'nats-broker' } },
        port,
        proxyProtocol: 'opaque',
        accessPolicy: 'all-authenticated',
      },
    ]),
  );
});

test('the policy lets the host itself in to each of them, and nobody else', () => {
  expect(specsOf('NetworkAuthentication')).toEqual([
    ['nats-broker-from-host', { networks: [{ cidr: '10.42.0.1/32' }, { cidr: '10.0.0.5/32' }] }],
  ]);
  expect(specsOf('AuthorizationPolicy')).toEqual(
    ['client', 'leaf'].map((port) => [
      `nats-broker-${port}-from-host`,
      {
        targetRef: { group: 'policy.linkerd.io', kind: 'Server', name: `nats-broker-${port}` },
        requiredAuthenticationRefs: [
          { group: 'policy.linkerd.io', kind: 'NetworkAuthentication', name: 'nats-broker-from-host' },
        ],
      },
    ]),
  );
});

test('the objects of the policy are ours and lie where NATS is', () => {
  expect(POLICY.map(({ metadata }) => ({ ...metadata, name: '' }))).toEqual(
    Array(5).fill({
      name: '',
      namespace: 'nats-system',
      labels: { app: 'nats-broker', 'app.kubernetes.io/managed-by': 'leafspan' },
    }),
  );
});

test.each([
  ['10.42.0.0/24', '10.42.0.1'],
  ['10.42.3.0/24', '10.42.3.1'],
  ['172.16.5.128/25', '172.16.5.129'],
])('a host’s connections come from its own address and from the bridge of %s', (podCidr, bridge) => {
  expect(hostAddresses(podCidr, '10.0.0.5')).toEqual([bridge, '10.0.0.5']);
});
