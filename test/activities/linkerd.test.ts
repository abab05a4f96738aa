import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Artifact } from '../../src/domain/artifacts/bundle-manifest.js';
import { linkerdVersionScript, renderControlPlaneScript, renderCrdsScript } from '../../src/domain/linkerd/render.js';
import { pkiSpecOf } from '../../src/domain/pki/spec.js';
import { serverOf } from '../../src/contract/topology.js';
import { failureOf } from '../support/errors.js';
import { FakeBundles } from '../support/fakes/bundles.js';
import { ARTIFACTS, attempt, fakePorts, type FakePorts } from '../support/fakes/ports.js';
import { CONTROL_PLANE, CRDS, printed, type RenderedObject } from '../support/renders.js';
import { twoClusters } from '../support/topologies.js';

const topology = twoClusters();
const { name, linkerd } = topology;
const host = serverOf(topology.broker);
const LINKERD = { topology: name, host, version: linkerd.version };
const issuer = 'linkerd/issuer-cluster-a';

let ports: FakePorts;
let folder: string;
beforeEach(async () => {
  ports = fakePorts();
  await attempt(ports, 'ensurePki', pkiSpecOf(topology));
  folder = mkdtempSync(join(tmpdir(), 'leafspan-linkerd-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const crd = (plural: string): string => `---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: ${plural}.gateway.networking.k8s.io
`;

/** A bundle whose one file has the CRDs of the plurals. */
function bundleWith(...plurals: string[]): FakePorts {
  const yaml = plurals.map(crd).join('');
  writeFileSync(join(folder, 'gateway-api.yaml'), yaml);
  const artifact: Artifact = {
    ...{ name: 'gateway-api', version: 'v1.5.1', file: 'gateway-api.yaml', size: yaml.length },
    kind: 'manifests',
    arch: 'any',
    sha256: createHash('sha256').update(yaml).digest('hex'),
  };
  const bundles = new FakeBundles({
    apiVersion: 'leafspan/bundle/v1',
    name: 'test',
    artifacts: [...ARTIFACTS, artifact],
  });
  return { ...ports, bundles };
}
const gatewayApi = (bundle: FakePorts) =>
  attempt(bundle, 'ensureGatewayApi', { host, source: { from: 'bundle', folder } });

test('ensureGatewayApi applies once, and again when the bundle has others', async () => {
  const bundle = bundleWith('httproutes', 'gateways');
  expect((await gatewayApi(bundle)).changed).toEqual([
    'applied CustomResourceDefinition/gateways.gateway.networking.k8s.io on cluster-a',
    'applied CustomResourceDefinition/httproutes.gateway.networking.k8s.io on cluster-a',
  ]);
  expect(await gatewayApi(bundle)).toEqual({ changed: [] });
  expect((await gatewayApi(bundleWith('httproutes', 'gateways', 'grpcroutes'))).changed).toContain(
    'applied CustomResourceDefinition/grpcroutes.gateway.networking.k8s.io on cluster-a',
  );
});

test('ensureGatewayApi completes what was cut off', async () => {
  const bundle = bundleWith('httproutes', 'gateways');
  ports.kubernetes.cutAfter = 1;
  expect(await failureOf(gatewayApi(bundle))).toMatchObject({ type: 'KUBE_API_FAILED', nonRetryable: false });
  ports.kubernetes.cutAfter = Infinity;
  expect((await gatewayApi(bundle)).changed).toEqual([
    'applied CustomResourceDefinition/httproutes.gateway.networking.k8s.io on cluster-a',
  ]);
});

const foreign = (version: string) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: 'httproutes.gateway.networking.k8s.io',
    annotations: { 'gateway.networking.k8s.io/bundle-version': version },
  },
});

test('ensureGatewayApi leaves the CRDs of somebody else alone', async () => {
  ports.kubernetes.put(foreign('v1.4.0'));
  expect(await gatewayApi(bundleWith('httproutes', 'gateways'))).toEqual({ changed: [] });
  expect(ports.kubernetes.changes).toEqual([]);
});

test('ensureGatewayApi does not touch CRDs that do not fit, and does not try again', async () => {
  ports.kubernetes.put(foreign('v1.6.0'));
  expect(await failureOf(gatewayApi(bundleWith('httproutes')))).toMatchObject({
    type: 'GATEWAY_API_UNFIT',
    nonRetryable: true,
    message: 'vm-a: the cluster has the Gateway API v1.6.0, and Linkerd needs 1.2.1 to 1.5.1',
  });
  expect(ports.kubernetes.changes).toEqual([]);
});

test('ensureLinkerdCrds applies once', async () => {
  ports.hosts.on(renderCrdsScript, printed(CRDS));
  expect(await attempt(ports, 'ensureLinkerdCrds', { host })).toEqual({
    changed: ['applied CustomResourceDefinition/servers.policy.linkerd.io on cluster-a'],
  });
  expect(await attempt(ports, 'ensureLinkerdCrds', { host })).toEqual({ changed: [] });
});

/** Every render has other certificates for the webhooks, so each of its objects would be a change. */
const render = (number: number, objects: RenderedObject[] = CONTROL_PLANE): string =>
  printed(objects.map((object) => ({ ...object, data: { render: number } })));
const installing = (...renders: string[]): void =>
  void ports.hosts.on(linkerdVersionScript, `${linkerd.version}\n`).on(/linkerd install/, ...renders);
const rendersRun = (): string[] => ports.hosts.ran.filter((script) => script !== linkerdVersionScript);
const all = CONTROL_PLANE.map(({ kind, metadata }) => `applied ${kind}/${metadata.name} on cluster-a`);

test('ensureLinkerd renders with the stored issuer, applies, and renders nothing the second time', async () => {
  installing(render(1), render(2));
  expect((await attempt(ports, 'ensureLinkerd', LINKERD)).changed).toEqual(all);
  ports.kubernetes.changes.length = 0;

  expect(await attempt(ports, 'ensureLinkerd', LINKERD)).toEqual({ changed: [] });
  const stored = async (file: string): Promise<string> => String(await ports.secrets.read(name, file));
  const material = {
    anchors: await stored('linkerd/trust-anchor.crt'),
    certificate: await stored(`${issuer}.crt`),
    privateKey: await stored(`${issuer}.key`),
  };
  expect(rendersRun()).toEqual([renderControlPlaneScript(material)]);
  expect(ports.kubernetes.changes).toEqual([]);
});

test('ensureLinkerd marks all that it applies as ours', async () => {
  installing(render(1));
  await attempt(ports, 'ensureLinkerd', LINKERD);
  expect(ports.kubernetes.objects().match(/"app.kubernetes.io\/managed-by":"leafspan"/g)).toHaveLength(
    CONTROL_PLANE.length + 1, // and the inventory
  );
});

test('ensureLinkerd renders again when the issuer was issued anew', async () => {
  installing(render(1), render(2));
  await attempt(ports, 'ensureLinkerd', LINKERD);
  ports.secrets.forget(name, `${issuer}.crt`);
  await attempt(ports, 'ensurePki', pkiSpecOf(topology));

  expect((await attempt(ports, 'ensureLinkerd', LINKERD)).changed).toEqual(all);
  expect(await attempt(ports, 'ensureLinkerd', LINKERD)).toEqual({ changed: [] });
});

test.each(
  CONTROL_PLANE.slice(1).flatMap((object) => {
    const text = `${object.kind}/${object.metadata.name}`;
    return [
      [`deleted ${text}`, text, () => ports.kubernetes.remove(object)],
      [`changed ${text} by hand`, text, () => ports.kubernetes.edit(object)],
    ] as const;
  }),
)('ensureLinkerd renders again when somebody %s', async (_deed, text, deed) => {
  installing(render(1));
  await attempt(ports, 'ensureLinkerd', LINKERD);
  await deed();

  expect((await attempt(ports, 'ensureLinkerd', LINKERD)).changed).toEqual([`applied ${text} on cluster-a`]);
  expect(await attempt(ports, 'ensureLinkerd', LINKERD)).toEqual({ changed: [] });
});

test('ensureLinkerd brings back a namespace that somebody deleted, and all that was in it', async () => {
  installing(render(1));
  await attempt(ports, 'ensureLinkerd', LINKERD);
  await ports.kubernetes.remove(CONTROL_PLANE[0] as never);

  const { changed } = await attempt(ports, 'ensureLinkerd', LINKERD);
  expect(changed).toEqual(all.filter((text) => !text.includes('ClusterRole/')));
  expect(await attempt(ports, 'ensureLinkerd', LINKERD)).toEqual({ changed: [] });
});

const RBAC = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole' };
const older = [...CONTROL_PLANE, { ...RBAC, metadata: { name: 'linkerd-heartbeat' } }];
const newer = [...CONTROL_PLANE, { ...RBAC, metadata: { name: 'linkerd-new' } }];
/** Namespace, the inventory before, the other objects, the inventory after. */
const APPLIES = newer.length + 2;

test.each(Array.from({ length: APPLIES }, (_, objects) => [objects]))(
  'ensureLinkerd completes an upgrade that was cut off after %i objects, and drops what is no more',
  async (objects) => {
    installing(render(1, older), render(2, newer));
    await attempt(ports, 'ensureLinkerd', LINKERD);
    ports.secrets.forget(name, `${issuer}.crt`);
    await attempt(ports, 'ensurePki', pkiSpecOf(topology));
    ports.kubernetes.cutAfter = objects;
    expect(await failureOf(attempt(ports, 'ensureLinkerd', LINKERD))).toMatchObject({ type: 'KUBE_API_FAILED' });
    ports.kubernetes.cutAfter = Infinity;

    await attempt(ports, 'ensureLinkerd', LINKERD);
    const wanted = newer.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(ports.kubernetes.names().sort()).toEqual([...wanted, 'ConfigMap/leafspan-inventory'].sort());
    expect(ports.kubernetes.objects()).not.toContain('"render":1');
    expect(await attempt(ports, 'ensureLinkerd', LINKERD)).toEqual({ changed: [] });
  },
);

test('ensureLinkerd takes an empty render for a failure and removes nothing', async () => {
  installing(render(1), '');
  await attempt(ports, 'ensureLinkerd', LINKERD);
  await ports.kubernetes.remove(CONTROL_PLANE[1] as never);
  const before = ports.kubernetes.objects();

  expect((await failureOf(attempt(ports, 'ensureLinkerd', LINKERD))).message).toBe('linkerd rendered no object');
  expect(ports.kubernetes.objects()).toBe(before);
});

test.each([
  [
    'another release of the command',
    'edge-26.1.1\n',
    'vm-a: the linkerd command is edge-26.1.1, edge-26.8.3 is wanted',
  ],
  ['no command', '', 'vm-a: the linkerd command is not there, edge-26.8.3 is wanted'],
])('ensureLinkerd renders nothing with %s, and does not try again', async (_what, version, message) => {
  ports.hosts.on(linkerdVersionScript, version);
  expect(await failureOf(attempt(ports, 'ensureLinkerd', LINKERD))).toMatchObject({
    type: 'LINKERD_VERSION_DIFFERS',
    nonRetryable: true,
    message,
    details: [expect.objectContaining({ host: 'vm-a', hint: 'linkerd-version-differs' })],
  });
  expect(rendersRun()).toEqual([]);
});

test('ensureLinkerd says that the issuer is missing, and renders nothing', async () => {
  installing(render(1));
  ports.secrets.forget(name, `${issuer}.crt`);
  expect(await failureOf(attempt(ports, 'ensureLinkerd', LINKERD))).toMatchObject({
    type: 'SECRET_MISSING',
    nonRetryable: true,
    message: `topology "${name}" has no ${issuer}`,
  });
  expect(rendersRun()).toEqual([]);
});
