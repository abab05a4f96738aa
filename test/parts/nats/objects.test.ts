import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ProvisionError } from '../../../src/contract/errors.js';
import { hubScope, type Scope } from '../../../src/contract/topology/scope.js';
import { apiStateScript } from '../../../src/domain/k3s/api-state.js';
import { metricsPath } from '../../../src/domain/multicluster/connections.js';
import { monitorPath } from '../../../src/domain/nats/monitor.js';
import { varzPath } from '../../../src/domain/nats/reload.js';
import { CONNZ_PATH } from '../../../src/domain/nats/strangers.js';
import { partNamed } from '../../../src/parts/list.js';
import { emptyClusters, issuedCertificates, named, PartUnderTest } from '../../support/parts/nats-parts.js';
import { fakePorts, type FakePorts } from '../../support/fakes/ports.js';
import type { FakeSecrets } from '../../support/fakes/secrets.js';
import { firstLeaf, siteOf } from '../../support/parts/site.js';
import { meshMode, twoClusters } from '../../support/topologies.js';

const HUB = hubScope(twoClusters());
const LEAF = firstLeaf();
const MESHED_HUB = hubScope(twoClusters(meshMode));
const MESHED_LEAF = firstLeaf(twoClusters(meshMode));

const SERVER = (app: string, services: string[]): string[] => [
  `ConfigMap/${app}-config`,
  ...services.map((name) => `Service/${name}`),
  `Service/${app}-headless`,
  `NetworkPolicy/${app}`,
  `StatefulSet/${app}`,
];
const BROKER = ['ServiceAccount/nats-broker', ...SERVER('nats-broker', ['nats-broker', 'nats-broker-client'])];
const LEAF_NODE = ['ServiceAccount/nats-leaf-cluster-b', ...SERVER('nats-leaf', ['nats-leaf'])];
const PROGRAM = (app: string): string[] => [`ServiceAccount/${app}`, `NetworkPolicy/${app}`, `Deployment/${app}`];

const PARTS: [part: string, cluster: string, scope: Scope, objects: string[]][] = [
  ['nats-secrets', 'the hub', HUB, ['Namespace/nats-system', 'Secret/nats-broker-tls', 'Secret/publisher-tls']],
  [
    'nats-secrets',
    'a leaf',
    LEAF,
    ['Namespace/nats-system', 'Secret/nats-leaf-tls', 'Secret/nats-leaf-client-tls', 'Secret/subscriber-tls'],
  ],
  ['broker', 'the hub', HUB, BROKER],
  ['broker', 'a meshed hub', MESHED_HUB, BROKER],
  ['external-ports', 'the hub', HUB, ['Service/nats-broker-external']],
  ['publisher', 'the hub', HUB, PROGRAM('publisher')],
  ['leaf-node', 'a leaf', LEAF, LEAF_NODE],
  ['leaf-node', 'a meshed leaf', MESHED_LEAF, LEAF_NODE],
  ['subscriber', 'a leaf', LEAF, PROGRAM('subscriber')],
];

const SERVER_PAGES = [
  varzPath('nats-broker'),
  CONNZ_PATH,
  monitorPath('nats-broker', 'leafz'),
  monitorPath('nats-leaf', 'leafz'),
  metricsPath('nats-leaf'),
];

let secrets: FakeSecrets;
beforeAll(async () => {
  secrets = await issuedCertificates();
});

let ports: FakePorts;
beforeEach(() => {
  ports = emptyClusters(secrets);
  ports.kubernetes.onPods('app=nats-broker', []).onPods('app=nats-leaf', []);
  // No NATS server responds, so nothing but its objects tells of it.
  for (const path of SERVER_PAGES) ports.kubernetes.onGet(path, 503, '');
});
const create = (objects: string[]): string[] => objects.map((object) => `create ${object}`);

test.each(PARTS)('%s of %s is made once', async (name, _cluster, scope, objects) => {
  const part = new PartUnderTest(ports, scope, name);
  expect(await part.provide()).toEqual(create(objects));
  expect(ports.kubernetes.names()).toEqual(objects);
  expect(named((await part.see()).steps)).toEqual([]);
});

test.each(PARTS)('%s of %s has the same steps before there is a Kubernetes', async (name, _cluster, scope, objects) => {
  const bare = fakePorts({ secrets });
  bare.hosts.on(apiStateScript, '');
  const { steps } = await partNamed(scope, name).see(siteOf(bare, scope));
  expect(named(steps)).toEqual(create(objects));
});

test.each(PARTS)('%s of %s continues after the connection was cut', async (name, _cluster, scope, objects) => {
  const part = new PartUnderTest(ports, scope, name);
  ports.kubernetes.cutAfter = objects.length - 1;
  await expect(part.provide()).rejects.toMatchObject({ code: 'KUBE_API_FAILED' });
  ports.kubernetes.cutAfter = Infinity;
  expect(await part.provide()).toEqual(create(objects.slice(-1)));
});

test.each(PARTS)('what is missing of %s of %s is made again', async (name, _cluster, scope, objects) => {
  const part = new PartUnderTest(ports, scope, name);
  await part.provide();
  const last = objects.at(-1) ?? '';
  await ports.kubernetes.remove(refTo(last));
  expect(named((await part.see()).steps)).toEqual([`create ${last}`]);
});

test.each(PARTS)('%s of %s is removed once, the last object first', async (name, _cluster, scope, objects) => {
  const part = new PartUnderTest(ports, scope, name);
  await part.provide();
  expect(await part.remove()).toEqual([...objects].reverse().map((object) => `delete ${object}`));
  expect(ports.kubernetes.names()).toEqual([]);
  expect(await part.remove()).toEqual([]);
});

test.each(PARTS)(
  '%s of %s goes although the API server would refuse it now',
  async (name, _cluster, scope, objects) => {
    const part = new PartUnderTest(ports, scope, name);
    await part.provide();
    ports.kubernetes.preview = () => Promise.reject(new ProvisionError('KUBE_OBJECT_REFUSED', 'a field is immutable'));
    expect(await part.remove()).toHaveLength(objects.length);
    expect(ports.kubernetes.names()).toEqual([]);
  },
);

test.each(PARTS)('what is not leafspan’s of %s of %s stays', async (name, _cluster, scope, objects) => {
  for (const object of objects) ports.kubernetes.put(refTo(object));
  expect(await new PartUnderTest(ports, scope, name).remove()).toEqual([]);
  expect(ports.kubernetes.names()).toEqual(objects);
});

const API_VERSIONS: Readonly<Record<string, string>> = {
  StatefulSet: 'apps/v1',
  Deployment: 'apps/v1',
  NetworkPolicy: 'networking.k8s.io/v1',
};

function refTo(object: string) {
  const [kind = '', name = ''] = object.split('/');
  const place = kind === 'Namespace' ? {} : { namespace: 'nats-system' };
  return { apiVersion: API_VERSIONS[kind] ?? 'v1', kind, metadata: { name, ...place } };
}
