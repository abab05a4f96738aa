import { beforeEach, expect, test } from '@jest/globals';
import { hubScope, leafScope, type Scope } from '../../../src/contract/topology/scope.js';
import type { Gateway } from '../../../src/contract/topology/topology.js';
import { renderCrdsScript, renderMulticlusterScript } from '../../../src/domain/linkerd/render.js';
import { accountObjects, strangersPath } from '../../../src/domain/multicluster/accounts.js';
import { hubValues, leafValues } from '../../../src/domain/multicluster/values.js';
import { gateway } from '../../../src/parts/mesh/gateway.js';
import { linkerdCrds } from '../../../src/parts/mesh/linkerd-crds.js';
import { mirrorController } from '../../../src/parts/mesh/mirror-controller.js';
import { multicluster } from '../../../src/parts/mesh/multicluster.js';
import type { Part } from '../../../src/parts/part.js';
import { earlierInventory } from '../../support/earlier-inventory.js';
import { failureOf } from '../../support/errors.js';
import { fakePorts, type FakePorts } from '../../support/fakes/ports.js';
import { bare, ensured, inShort, removed, withApi } from '../../support/parts/parts.js';
import { CRDS, multicluster as rendered, printed } from '../../support/cli/renders.js';
import { firstLeaf, siteOf } from '../../support/parts/site.js';
import { GATEWAY, LOAD_BALANCER, meshMode, twoClusters, twoLeaves } from '../../support/topologies.js';

const topology = twoClusters(meshMode);
const hub = hubScope(topology);
const leaf = firstLeaf(topology);
const VERSION = 'edge-26.8.3';

const NAMESPACE = 'Namespace/linkerd-multicluster';
const HUB_RENDER = printed(rendered(['linkerd-gateway'], 'linkerd-gateway'));
const LEAF_RENDER = printed(rendered(['controller-cluster-a'], 'controller-cluster-a'));

let ports: FakePorts;
beforeEach(() => {
  ports = fakePorts();
  ports.hosts.on(/linkerd install --crds/, printed(CRDS));
  ports.hosts.on(/"enabled":false/, LEAF_RENDER).on(/multicluster install/, HUB_RENDER);
  ports.kubernetes.onGet(strangersPath(['cluster-b']), 200, { items: [] });
  ports.kubernetes.onGet(strangersPath([]), 200, { items: [] });
});

const PARTS: [title: string, where: string, part: Part, scope: Scope][] = [
  [`Linkerd CRDs ${VERSION}`, 'hub', linkerdCrds, hub],
  [`multicluster extension ${VERSION}`, 'hub', multicluster, hub],
  [`multicluster extension ${VERSION}`, 'leaf', multicluster, leaf],
  [`gateway ${VERSION}`, 'hub', gateway, hub],
  [`mirror controller ${VERSION}`, 'leaf', mirrorController, leaf],
];

test.each(PARTS)('%s is one step on a bare %s, and none once it is taken', async (title, _where, part, scope) => {
  const planned = (await part.see(siteOf(bare(fakePorts()), scope))).steps;
  expect(inShort(planned)).toEqual([`create ${title}`]);
  withApi(ports);
  expect(await ensured(part, siteOf(ports, scope))).toEqual(planned);
  ports.kubernetes.changes.length = 0;
  expect(await ensured(part, siteOf(ports, scope))).toEqual([]);
  expect(ports.kubernetes.changes).toEqual([]);
});

test.each(PARTS)('%s that was cut off on the %s is the same step again', async (title, _where, part, scope) => {
  withApi(ports).kubernetes.cutAfter = 2;
  await failureOf(ensured(part, siteOf(ports, scope)));
  ports.kubernetes.cutAfter = Infinity;
  expect(inShort(await ensured(part, siteOf(ports, scope)))).toEqual([`create ${title}`]);
  expect(await ensured(part, siteOf(ports, scope))).toEqual([]);
});

test.each(PARTS)('a removal of %s from the %s leaves nothing of it', async (_title, _where, part, scope) => {
  withApi(ports);
  await ensured(part, siteOf(ports, scope));
  expect((await removed(part, siteOf(ports, scope))).length).toBeGreaterThan(0);
  expect(ports.kubernetes.names()).toEqual([]);
  expect(await removed(part, siteOf(ports, scope))).toEqual([]);
});

test.each(PARTS)(
  '%s of the %s is removed in a topology that no longer has a mesh',
  async (_title, _where, part, of) => {
    withApi(ports);
    await ensured(part, siteOf(ports, of));
    const direct = { ...of, settings: { ...of.settings, link: { mode: 'direct' as const } } };
    await removed(part, siteOf(ports, direct));
    expect(ports.kubernetes.names()).toEqual([]);
  },
);

test('the CRDs come from the command, of the release that the topology asks for', async () => {
  await ensured(linkerdCrds, siteOf(withApi(ports), hub));
  expect(ports.hosts.ran.at(-1)).toContain(`[ "$release" = '${VERSION}' ]`);
  expect(ports.hosts.ran.at(-1)).toContain(renderCrdsScript);
});

test.each<[where: string, scope: Scope, script: string]>([
  ['hub', hub, renderMulticlusterScript(hubValues(GATEWAY))],
  ['leaf', leaf, renderMulticlusterScript(leafValues('cluster-a', GATEWAY))],
])('the extension on the %s is rendered from its values', async (_where, scope, script) => {
  await ensured(multicluster, siteOf(withApi(ports), scope));
  expect(ports.hosts.ran.at(-1)).toContain(script);
});

test('the extension comes without its Deployments, which are parts of their own with inventories of their own', async () => {
  withApi(ports);
  await ensured(multicluster, siteOf(ports, hub));
  expect(ports.kubernetes.names().filter((name) => name.startsWith('Deployment'))).toEqual([]);
  expect(ports.kubernetes.names()).toContain(NAMESPACE);
  await ensured(gateway, siteOf(ports, hub));
  expect(
    ports.kubernetes
      .names()
      .filter((name) => /^Deployment|^ConfigMap/.test(name))
      .sort(),
  ).toEqual([
    'ConfigMap/leafspan-inventory-gateway',
    'ConfigMap/leafspan-inventory-multicluster',
    'Deployment/linkerd-gateway',
    'Deployment/linkerd-local-service-mirror',
  ]);
  expect(await ensured(multicluster, siteOf(ports, hub))).toEqual([]);
});

const withGateway = (changes: Partial<Gateway>): Scope =>
  hubScope({ ...topology, link: { mode: 'mesh', gateway: { ...GATEWAY, ...changes } } });

test.each<[change: string, scope: Scope, extension: string[], pods: string[]]>([
  ['another NodePort', withGateway({ port: 30_144 }), ['port: 30143 → 30144'], []],
  ['another probe port', withGateway({ probePort: 30_192 }), ['probe port: 30191 → 30192'], []],
  [
    'a load balancer on Linkerd’s own ports',
    withGateway(LOAD_BALANCER),
    ['exposure: nodePort → loadBalancer', 'port: 30143 → 4143', 'probe port: 30191 → 4191'],
    [],
  ],
  [
    'a load balancer on another port',
    withGateway({ ...LOAD_BALANCER, port: 5143 }),
    ['exposure: nodePort → loadBalancer', 'port: 30143 → 5143', 'probe port: 30191 → 4191'],
    ['port: 4143 → 5143'],
  ],
])('%s changes the Service, and the pods only if they know the port', async (_change, scope, extension, pods) => {
  withApi(ports);
  await ensured(multicluster, siteOf(ports, hub));
  await ensured(gateway, siteOf(ports, hub));
  const steps = await ensured(multicluster, siteOf(ports, scope));
  expect(steps.map(({ diff }) => diff)).toEqual([extension]);
  const ofPods = await ensured(gateway, siteOf(ports, scope));
  expect(ofPods.flatMap(({ diff = [] }) => diff)).toEqual(pods);
});

test('the account of a leaf that the topology does not have is removed, and that of the others stays', async () => {
  withApi(ports);
  await ensured(multicluster, siteOf(ports, hub));
  await ports.kubernetes.apply([...accountObjects('cluster-b'), ...accountObjects('cluster-z')]);
  const label = (name: string) => ({ metadata: { labels: { 'leafspan.io/leaf': name } } });
  ports.kubernetes.onGet(strangersPath(['cluster-b']), 200, { items: [label('cluster-z')] });
  const steps = await ensured(multicluster, siteOf(ports, hub));
  expect(steps).toEqual([
    { verb: 'delete', object: 'account link-cluster-z', because: 'the topology does not have this leaf' },
  ]);
  expect(
    ports.kubernetes
      .names()
      .filter((name) => name.includes('/link-'))
      .sort(),
  ).toEqual([
    'ClusterRole/link-cluster-b',
    'ClusterRoleBinding/link-cluster-b',
    'Secret/link-cluster-b-token',
    'ServiceAccount/link-cluster-b',
  ]);
});

test('a removal takes the accounts of all leaves, and a leaf cluster asks for none', async () => {
  withApi(ports);
  await ports.kubernetes.apply(accountObjects('cluster-b'));
  const items = [{ metadata: { labels: { 'leafspan.io/leaf': 'cluster-b' } } }];
  ports.kubernetes.onGet(strangersPath([]), 200, { items });
  expect(inShort(await removed(multicluster, siteOf(ports, leaf)))).toEqual([]);
  expect(inShort(await removed(multicluster, siteOf(ports, hub)))).toEqual(['delete account link-cluster-b']);
  expect(ports.kubernetes.names()).toEqual([]);
});

test('accounts that cannot be listed are an error, not an absence', async () => {
  withApi(ports).kubernetes.onGet(strangersPath(['cluster-b']), 503, '');
  expect(await failureOf(multicluster.see(siteOf(ports, hub)))).toMatchObject({ code: 'KUBE_API_FAILED' });
});

test('the hub asks for the accounts of all leaves at once, and the leaf only for its own', async () => {
  const two = twoClusters({ ...meshMode, leaves: twoLeaves() });
  withApi(ports).kubernetes.onGet(strangersPath(['cluster-b', 'cluster-c']), 200, { items: [] });
  expect(inShort((await multicluster.see(siteOf(ports, hubScope(two)))).steps)).toHaveLength(1);
  const [, second] = two.leaves;
  const site = siteOf(ports, leafScope(two, second as never));
  expect(inShort((await multicluster.see(site)).steps)).toHaveLength(1);
});

test('of what an earlier leafspan installed each part takes its own, and accounts of leaves stay', async () => {
  withApi(ports);
  const objects = [...rendered(['link-cluster-b', 'old'], 'linkerd-gateway', 'old')];
  await ports.kubernetes.apply([...objects, earlierInventory('linkerd-multicluster', objects)] as never);
  expect(inShort(await ensured(multicluster, siteOf(ports, hub)))).toEqual([
    `change multicluster extension ${VERSION}`,
  ]);
  expect(ports.kubernetes.names()).toEqual(expect.arrayContaining(['ServiceAccount/link-cluster-b', 'Deployment/old']));
  expect(ports.kubernetes.names()).not.toContain('ServiceAccount/old');
  expect(inShort(await ensured(gateway, siteOf(ports, hub)))).toEqual([`change gateway ${VERSION}`]);
  expect(ports.kubernetes.names()).not.toContain('Deployment/old');
  expect(await ensured(multicluster, siteOf(ports, hub))).toEqual([]);
  expect(await ensured(gateway, siteOf(ports, hub))).toEqual([]);
});

test('the gateway listens at both of its ports', () => {
  expect(gateway.listens?.(hub)).toEqual([30_143, 30_191]);
});
