import { beforeEach, expect, test } from '@jest/globals';
import { namespace, serviceAccount } from '../../src/domain/nats/manifests.js';
import { linkerdVersionScript } from '../../src/domain/linkerd/render.js';
import { pkiSpecOf } from '../../src/domain/pki/spec.js';
import { serverOf } from '../../src/contract/topology.js';
import { attempt, fakePorts, type FakePorts } from '../support/fakes/ports.js';
import { CONTROL_PLANE, multicluster, printed } from '../support/renders.js';
import { GATEWAY, twoClusters } from '../support/topologies.js';

const topology = twoClusters();
const { name, linkerd } = topology;
const broker = serverOf(topology.broker);
const host = serverOf(topology.leaves[0] ?? topology.broker);
const EMPTY = { host, broker: 'cluster-a' };
const CRDS =
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions?labelSelector=app.kubernetes.io%2Fmanaged-by%3Dleafspan';
const crd = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'links' } };
const stranger = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'own', namespace: 'theirs' } };
const token = {
  ...{
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'link-cluster-b-token', namespace: 'linkerd-multicluster' },
  },
  data: { token: 'e30=', 'ca.crt': 'e30=' },
};

let ports: FakePorts;
/** A leaf cluster with all that a run brings; the token stands for the broker cluster's. */
beforeEach(async () => {
  ports = fakePorts();
  await attempt(ports, 'ensurePki', pkiSpecOf(topology));
  ports.hosts
    .on(linkerdVersionScript, linkerd.version)
    .on(/linkerd install/, printed(CONTROL_PLANE))
    .on(/multicluster install/, printed(multicluster([], 'controller-cluster-a')))
    .on(/is-active k3s/, 'active\nkubeconfig\n');
  ports.kubernetes
    .put(stranger)
    .put(token)
    .onGet('/readyz', 200, 'ok')
    .onGet(CRDS, 200, { items: [crd] });
  await ports.kubernetes.apply([crd, namespace(), serviceAccount('nats-leaf')]);
  const mesh = { version: linkerd.version, gateway: GATEWAY };
  await attempt(ports, 'ensureLinkerd', { host, topology: name, version: linkerd.version });
  await attempt(ports, 'ensureMirrorController', { ...mesh, server: host, broker: 'cluster-a' });
  await attempt(ports, 'ensureLink', { ...mesh, server: host, broker });
  ports.kubernetes.changes.length = 0;
});

test('emptyAdoptedCluster takes away all that is ours and nothing else, once', async () => {
  ports.hosts.on(/adopted/, 'adopted\n');
  const { changed } = await attempt(ports, 'emptyAdoptedCluster', EMPTY);
  expect(ports.kubernetes.names()).toEqual(['ConfigMap/own']);
  expect(changed).toEqual(ports.kubernetes.changes.map((change) => `${change} on cluster-b`));

  ports.kubernetes.changes.length = 0;
  expect(await attempt(ports, 'emptyAdoptedCluster', EMPTY)).toEqual({ changed: [] });
  expect(ports.kubernetes.changes).toEqual([]);
});

test('emptyAdoptedCluster removes the Link before its controller, and Linkerd before its definitions', async () => {
  ports.hosts.on(/adopted/, 'adopted\n');
  await attempt(ports, 'emptyAdoptedCluster', EMPTY);
  const order = [
    'Link/cluster-a',
    'Deployment/controller-cluster-a',
    'Namespace/linkerd-multicluster',
    'Namespace/nats-system',
    'Deployment/linkerd-proxy-injector',
    'Namespace/linkerd',
    'CustomResourceDefinition/links',
  ].map((text) => `removed ${text}`);
  expect(ports.kubernetes.changes.filter((change) => order.includes(change))).toEqual(order);
});

test('emptyAdoptedCluster touches nothing of a K3s that goes as a whole', async () => {
  ports.hosts.on(/adopted/, '');
  expect(await attempt(ports, 'emptyAdoptedCluster', EMPTY)).toEqual({ changed: [] });
  expect(ports.kubernetes.changes).toEqual([]);
});
