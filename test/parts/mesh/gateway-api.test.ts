import { createHash } from 'node:crypto';
import { beforeEach, expect, test } from '@jest/globals';
import { hubScope } from '../../../src/contract/topology/scope.js';
import type { Artifact } from '../../../src/domain/artifacts/bundle-manifest.js';
import { gatewayApiDownloads, printPinnedScript } from '../../../src/domain/artifacts/releases.js';
import { gatewayApi } from '../../../src/parts/mesh/gateway-api.js';
import type { Site } from '../../../src/parts/site.js';
import { failureOf } from '../../support/errors.js';
import { FakeBundles } from '../../support/fakes/bundles.js';
import { ARTIFACTS, fakePorts, type FakePorts } from '../../support/fakes/ports.js';
import { bare, ensured, inShort, removed, withApi } from '../../support/parts/parts.js';
import { siteOf } from '../../support/parts/site.js';
import { meshMode, twoClusters } from '../../support/topologies.js';

const scope = hubScope(twoClusters({ ...meshMode, artifacts: { from: 'bundle', folder: '/bundle' } }));
const released = hubScope(twoClusters(meshMode));
const nameOf = (plural: string): string => `${plural}.gateway.networking.k8s.io`;

const crd = (plural: string): string => `---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: ${nameOf(plural)}
`;

/** A bundle whose one file has the CRDs of the plurals. */
function bundleWith(...plurals: string[]): FakeBundles {
  const yaml = plurals.map(crd).join('');
  const artifact: Artifact = {
    ...{ name: 'gateway-api', version: 'v1.5.1', file: 'gateway-api.yaml', size: yaml.length },
    kind: 'manifests',
    arch: 'any',
    sha256: createHash('sha256').update(yaml).digest('hex'),
  };
  const manifest = { apiVersion: 'leafspan/bundle/v1' as const, name: 'test', artifacts: [...ARTIFACTS, artifact] };
  return new FakeBundles(manifest, { 'gateway-api.yaml': yaml });
}

let ports: FakePorts;
let site: () => Site;
beforeEach(() => {
  ports = fakePorts({ bundles: bundleWith('httproutes', 'gateways') });
  site = () => siteOf(ports, scope);
});

const ref = (plural: string) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: nameOf(plural) },
});
const foreign = (version: string, labels = {}) => ({
  ...ref('httproutes'),
  metadata: {
    name: nameOf('httproutes'),
    labels,
    annotations: { 'gateway.networking.k8s.io/bundle-version': version },
  },
});

test('the plan for a bare host has one step, which is taken once', async () => {
  bare(ports);
  const planned = (await gatewayApi.see(site())).steps;
  ports = withApi(fakePorts({ bundles: bundleWith('httproutes', 'gateways') }));
  expect(await ensured(gatewayApi, site())).toEqual(planned);
  expect(inShort(planned)).toEqual(['create Gateway API CRDs']);
  expect(ports.kubernetes.names()).toEqual(
    expect.arrayContaining(['httproutes', 'gateways'].map((plural) => `CustomResourceDefinition/${nameOf(plural)}`)),
  );
  expect((await gatewayApi.see(site())).steps).toEqual([]);
});

test('another bundle is a change, told with its checksum', async () => {
  withApi(ports);
  await ensured(gatewayApi, site());
  ports.bundles = bundleWith('httproutes', 'gateways', 'grpcroutes');
  const [step] = await ensured(gatewayApi, site());
  expect(step).toMatchObject({ verb: 'change', object: 'Gateway API CRDs' });
  expect(step?.diff).toEqual([expect.stringMatching(/^source: sha256:[0-9a-f]{64} → sha256:[0-9a-f]{64}$/)]);
  expect(ports.kubernetes.names()).toContain(`CustomResourceDefinition/${nameOf('grpcroutes')}`);
  expect((await gatewayApi.see(site())).steps).toEqual([]);
});

test('a deleted CRD alone is created again', async () => {
  withApi(ports);
  await ensured(gatewayApi, site());
  await ports.kubernetes.remove(ref('gateways'));
  expect(inShort(await ensured(gatewayApi, site()))).toEqual([`create CustomResourceDefinition/${nameOf('gateways')}`]);
});

test('what was cut off is completed by the same step', async () => {
  withApi(ports);
  ports.kubernetes.cutAfter = 2;
  expect(await failureOf(ensured(gatewayApi, site()))).toMatchObject({ code: 'KUBE_API_FAILED' });
  ports.kubernetes.cutAfter = Infinity;
  expect(inShort(await ensured(gatewayApi, site()))).toEqual(['create Gateway API CRDs']);
});

test('CRDs that were there before leafspan stay as they are, and are not removed', async () => {
  withApi(ports).kubernetes.put(foreign('v1.4.0'));
  expect(await ensured(gatewayApi, site())).toEqual([]);
  expect(await removed(gatewayApi, site())).toEqual([]);
  expect(ports.kubernetes.changes).toEqual([]);
});

test('CRDs of others that do not fit are refused before anything is touched', async () => {
  withApi(ports).kubernetes.put(foreign('v1.6.0'));
  expect(await failureOf(gatewayApi.see(site()))).toMatchObject({
    code: 'GATEWAY_API_UNFIT',
    message: 'the cluster has the Gateway API v1.6.0; Linkerd needs 1.2.1 to 1.5.1',
  });
  expect(await removed(gatewayApi, site())).toEqual([]);
});

test('CRDs that an earlier leafspan applied get an inventory', async () => {
  withApi(ports).kubernetes.put(foreign('v1.4.0', { 'app.kubernetes.io/managed-by': 'leafspan' }));
  expect(inShort(await ensured(gatewayApi, site()))).toEqual(['create Gateway API CRDs']);
  expect((await gatewayApi.see(site())).steps).toEqual([]);
});

test('a removal takes the CRDs and their inventory', async () => {
  withApi(ports);
  await ensured(gatewayApi, site());
  await removed(gatewayApi, site());
  expect(ports.kubernetes.names()).toEqual([]);
  expect(await removed(gatewayApi, site())).toEqual([]);
});

test('without a bundle the host downloads them', async () => {
  withApi(ports).hosts.on(printPinnedScript(gatewayApiDownloads(undefined)), crd('httproutes'));
  await ensured(gatewayApi, siteOf(ports, released));
  expect(ports.kubernetes.names()).toContain(`CustomResourceDefinition/${nameOf('httproutes')}`);
});

test.each([
  [41, 'ARTIFACT_CORRUPT', 'checksum mismatch for https://x.example/crds.yaml'],
  [43, 'PREFLIGHT_FAILED', 'command curl is missing'],
  [44, 'DOWNLOAD_FAILED', 'the host cannot download https://x.example/crds.yaml'],
])('a download that ends with %i is %s', async (code, error, message) => {
  const stderr = 'curl: (6)\nhttps://x.example/crds.yaml\n';
  withApi(ports).hosts.on(printPinnedScript(gatewayApiDownloads(undefined)), { code, stderr });
  expect(await failureOf(ensured(gatewayApi, siteOf(ports, released)))).toMatchObject({ code: error, message });
});

test('a bundle without the CRDs is refused', async () => {
  withApi(ports).bundles = new FakeBundles({ apiVersion: 'leafspan/bundle/v1', name: 'test', artifacts: ARTIFACTS });
  expect(await failureOf(gatewayApi.see(site()))).toMatchObject({
    code: 'BUNDLE_INVALID',
    message: 'the bundle has no manifests named gateway-api',
  });
});
