import { createHash } from 'node:crypto';
import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { hubScope, type Scope } from '../../../src/contract/topology/scope.js';
import type { Artifact } from '../../../src/domain/artifacts/bundle-manifest.js';
import { EDGE } from '../../../src/domain/edge/names.js';
import { EDGE_REFS } from '../../../src/domain/edge/objects.js';
import type { ObjectRef } from '../../../src/domain/kubernetes/objects.js';
import { objectName } from '../../../src/parts/objects/object-name.js';
import { failureOf } from '../../support/errors.js';
import { FakeBundles } from '../../support/fakes/bundles.js';
import { ARTIFACTS, type FakePorts } from '../../support/fakes/ports.js';
import type { FakeSecrets } from '../../support/fakes/secrets.js';
import { emptyClusters, issuedCertificates, named, PartUnderTest } from '../../support/parts/nats-parts.js';
import { meshMode, nginxEdge, twoClusters } from '../../support/topologies.js';

const artifacts = { from: 'bundle', folder: '/bundle' } as const;
const NGINX = twoClusters({ ...nginxEdge(), artifacts });
const WITH = hubScope(NGINX);
const WITHOUT = hubScope(twoClusters({ artifacts }));
const CLOSED = hubScope(twoClusters({ ...meshMode, nats: { ...twoClusters().nats, edge: 'none' }, artifacts }));

const CRDS = 'CRDs of the NGINX Ingress Controller';
const PLURALS = ['globalconfigurations', 'policies', 'transportservers'];
const crdRef = (plural: string) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.k8s.nginx.org` },
});
const yaml = PLURALS.map((plural) => `---\n${JSON.stringify(crdRef(plural))}\n`).join('');
const crds: Artifact = {
  ...{ name: 'nginx-ingress-crds', version: 'v5.5.4', file: 'nginx-ingress-crds.yaml', size: yaml.length },
  kind: 'manifests',
  arch: 'any',
  sha256: createHash('sha256').update(yaml).digest('hex'),
};
const OBJECTS = EDGE_REFS.map(objectName);

let secrets: FakeSecrets;
beforeAll(async () => {
  secrets = await issuedCertificates(NGINX);
});

let ports: FakePorts;
beforeEach(() => {
  const manifest = { apiVersion: 'leafspan/bundle/v1' as const, name: 'test', artifacts: [...ARTIFACTS, crds] };
  ports = emptyClusters(secrets, { bundles: new FakeBundles(manifest, { 'nginx-ingress-crds.yaml': yaml }) });
});
const edgeOf = (scope: Scope): PartUnderTest => new PartUnderTest(ports, scope, 'nginx-edge');
const portsOf = (scope: Scope): PartUnderTest => new PartUnderTest(ports, scope, 'external-ports');
/** Made by others. */
const of = ({ metadata, ...ref }: ObjectRef) => ({
  ...ref,
  metadata: { ...metadata, managedFields: [] },
});
const fitting = (plural: string) => ({
  ...of(crdRef(plural)),
  spec: { versions: [{ name: 'v1', served: true, storage: true }] },
});

test('the edge is made once, its definitions first', async () => {
  expect(await edgeOf(WITH).provide()).toEqual([`create ${CRDS}`, ...OBJECTS.map((object) => `create ${object}`)]);
  const first = ports.kubernetes.changes.findIndex((change) => change.includes('TransportServer'));
  const defined = ports.kubernetes.changes.findIndex((change) => change.includes('transportservers.k8s.nginx.org'));
  expect(defined).toBeLessThan(first);
  expect(named((await edgeOf(WITH).see()).steps)).toEqual([]);
});

test('what was cut off is completed', async () => {
  ports.kubernetes.cutAfter = 12;
  expect(await failureOf(edgeOf(WITH).provide())).toMatchObject({ code: 'KUBE_API_FAILED' });
  ports.kubernetes.cutAfter = Infinity;
  await edgeOf(WITH).provide();
  expect(named((await edgeOf(WITH).see()).steps)).toEqual([]);
});

test('monitoring that is no longer wanted is taken out, the rest stays', async () => {
  await edgeOf(WITH).provide();
  const { monitoring, ...nats } = NGINX.nats;
  expect(monitoring).toBeDefined();
  expect(await edgeOf(hubScope({ ...NGINX, nats })).provide()).toEqual([
    'delete Ingress/nats-monitor',
    'delete Policy/monitor-allow',
    'delete Secret/nginx-ingress/nginx-ingress-tls',
    'change NetworkPolicy/nginx-ingress/nginx-ingress',
    'change NetworkPolicy/nginx-ingress',
    'change Deployment/nginx-ingress/nginx-ingress',
  ]);
});

test.each([
  ['node ports', WITHOUT],
  ['none', CLOSED],
])('it goes, definitions last, when the topology changes to %s', async (_edge, scope) => {
  await edgeOf(WITH).provide();
  const steps = await edgeOf(scope).provide();
  expect(steps.slice(0, OBJECTS.length)).toEqual([...OBJECTS].reverse().map((object) => `delete ${object}`));
  expect(ports.kubernetes.names()).toEqual([]);
  expect(named((await edgeOf(scope).see()).steps)).toEqual([]);
});

test('a removal takes out everything, and a second one nothing', async () => {
  await edgeOf(WITH).provide();
  await edgeOf(WITH).remove();
  expect(ports.kubernetes.names()).toEqual([]);
  expect(await edgeOf(WITH).remove()).toEqual([]);
});

test('definitions of others that fit are used, and stay', async () => {
  for (const plural of PLURALS) ports.kubernetes.put(fitting(plural));
  expect(await edgeOf(WITH).provide()).toEqual(OBJECTS.map((object) => `create ${object}`));
  await edgeOf(WITH).remove();
  expect(ports.kubernetes.names()).toEqual(PLURALS.map((plural) => `CustomResourceDefinition/${plural}.k8s.nginx.org`));
});

test('definitions of others that do not fit are refused', async () => {
  ports.kubernetes.put(fitting('policies'));
  expect(await failureOf(edgeOf(WITH).see())).toMatchObject({
    code: 'OBJECT_FOREIGN',
    message:
      'the cluster has CRDs of another NGINX Ingress Controller, without globalconfigurations.k8s.nginx.org, transportservers.k8s.nginx.org in version v1',
  });
});

test('a controller of others is refused, and is not touched when the topology has another edge', async () => {
  ports.kubernetes.put(of(EDGE.namespace));
  expect(await failureOf(edgeOf(WITH).see())).toMatchObject({ code: 'OBJECT_FOREIGN' });
  expect(await edgeOf(WITHOUT).provide()).toEqual([]);
});

test.each<[from: string, to: string, before: Scope, after: Scope, steps: string[]]>([
  [
    'node ports',
    'NGINX',
    WITHOUT,
    WITH,
    ['delete Service/nats-broker-external', 'create Service/nginx-ingress/nginx-ingress'],
  ],
  [
    'NGINX',
    'node ports',
    WITH,
    WITHOUT,
    ['delete Service/nginx-ingress/nginx-ingress', 'create Service/nats-broker-external'],
  ],
  ['NGINX', 'none', WITH, CLOSED, ['delete Service/nginx-ingress/nginx-ingress']],
])('a change from %s to %s frees the ports before they are taken again', async (_from, _to, before, after, steps) => {
  await portsOf(before).provide();
  ports.kubernetes.changes.length = 0;
  expect(await portsOf(after).provide()).toEqual(steps);
  expect(ports.kubernetes.changes.map((change) => change.split(' ')[0])).toEqual(
    steps.map((step) => (step.startsWith('delete') ? 'removed' : 'applied')),
  );
});
