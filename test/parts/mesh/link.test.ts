import { beforeEach, expect, test } from '@jest/globals';
import { accountObjects } from '../../../src/domain/multicluster/accounts.js';
import { link } from '../../../src/parts/mesh/link/link.js';
import { failureOf } from '../../support/errors.js';
import { fakePorts, type FakePorts } from '../../support/fakes/ports.js';
import { TwoClusters } from '../../support/fakes/two-clusters.js';
import { bare, ensured, inShort, removed, withApi } from '../../support/parts/parts.js';
import { firstLeaf, siteOf } from '../../support/parts/site.js';
import { meshMode, twoClusters } from '../../support/topologies.js';

const topology = twoClusters(meshMode);
const scope = firstLeaf(topology);

const ON_HUB = [
  'create ClusterRole/link-cluster-b on cluster-a',
  'create ServiceAccount/linkerd-multicluster/link-cluster-b on cluster-a',
  'create Secret/linkerd-multicluster/link-cluster-b-token on cluster-a',
  'create ClusterRoleBinding/link-cluster-b on cluster-a',
];
const CREDENTIALS = 'Secret/linkerd-multicluster/cluster-credentials-cluster-a';
const COPY = 'Secret/linkerd/cluster-credentials-cluster-a';
const LINK = 'Link/linkerd-multicluster/cluster-a';
const CONTROLLER = 'Deployment/linkerd-multicluster/controller-cluster-a';
const ALL = [...ON_HUB, `create ${CREDENTIALS}`, `create ${COPY}`, `create ${LINK}`];

const [, account, token] = accountObjects('cluster-b');
const linkerdNamespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'linkerd' } };
const ref = (apiVersion: string, kind: string, name: string, namespace = 'linkerd-multicluster') => ({
  apiVersion,
  kind,
  metadata: { name, namespace },
});

let clusters: TwoClusters;
let ports: FakePorts;
beforeEach(async () => {
  clusters = new TwoClusters();
  ports = withApi(fakePorts({ kubernetes: clusters }));
  clusters.leaf.onGet('/readyz', 200, 'ok').onPods('app=controller', ['controller-1']);
  await clusters.leaf.apply([linkerdNamespace]);
  clusters.leaf.changes.length = 0;
});
const site = () => siteOf(ports, scope);

/** What the hub's token controller does with the Secret of an account. */
const issue = (value: string): void =>
  void clusters.put({ ...token, data: { token: btoa(value), 'ca.crt': btoa('the CA') } } as never);

/** The account is applied while the token controller looks on. */
function issuing(value: string): void {
  ports.clock.onSleep = () => issue(value);
}

async function linked(): Promise<void> {
  issuing('token 1');
  await ensured(link, site());
  ports.clock.onSleep = () => undefined;
  clusters.changes.length = 0;
  clusters.leaf.changes.length = 0;
}

const withController = () =>
  clusters.leaf.apply([
    {
      ...ref('apps/v1', 'Deployment', 'controller-cluster-a'),
      spec: { selector: { matchLabels: { app: 'controller' } } },
    },
  ] as never);

test('the plan for bare hosts names the account on the hub, the credentials and the Link', async () => {
  const planned = (await link.see(siteOf(bare(fakePorts()), scope))).steps;
  expect(inShort(planned)).toEqual(ALL);
  expect((await link.see(site())).steps).toEqual(planned);
});

test('the token goes from the hub to the leaf cluster, and the second time nothing is to do', async () => {
  issuing('token 1');
  expect(inShort(await ensured(link, site()))).toEqual(ALL);
  expect(clusters.changes).toEqual(
    ON_HUB.map((step) => `applied ${step.replace(/create |linkerd-multicluster\/| on .*/g, '')}`),
  );
  expect(clusters.leaf.changes).toEqual([
    'applied Secret/cluster-credentials-cluster-a',
    'applied Link/cluster-a',
    'applied Secret/cluster-credentials-cluster-a',
  ]);
  const kubeconfig = /"kubeconfig":"([^"]+)"/.exec(clusters.leaf.objects())?.[1] ?? '';
  expect(JSON.parse(atob(kubeconfig))).toMatchObject({
    clusters: [{ cluster: { server: 'https://192.0.2.10:6443', 'certificate-authority-data': btoa('the CA') } }],
    users: [{ name: 'link-cluster-b', user: { token: 'token 1' } }],
  });
  expect(await ensured(link, site())).toEqual([]);
});

test('the copy for the control plane waits for the namespace that the control plane makes', async () => {
  await clusters.leaf.remove(linkerdNamespace);
  const beforehand: string[][] = [];
  ports.clock.onSleep = () => {
    issue('token 1');
    beforehand.push(clusters.leaf.names());
    if (clusters.leaf.names().includes('Link/cluster-a')) void clusters.leaf.apply([linkerdNamespace]);
  };
  await ensured(link, site());
  expect(beforehand.at(-1)).toEqual(['Secret/cluster-credentials-cluster-a', 'Link/cluster-a']);
  expect(clusters.leaf.names().filter((name) => name.startsWith('Secret'))).toHaveLength(2);
});

test('a hub that issues no token is an error that names the Secret', async () => {
  expect(await failureOf(ensured(link, site()))).toMatchObject({
    code: 'NOT_READY',
    message: 'not ready within 60 s, last: Secret link-cluster-b-token has no token yet',
    where: { cluster: 'cluster-a' },
  });
});

test('what was cut off is completed with steps of the same plan', async () => {
  issuing('token 1');
  clusters.leaf.cutAfter = 1;
  await failureOf(ensured(link, site()));
  clusters.leaf.cutAfter = Infinity;
  expect(inShort(await ensured(link, site()))).toEqual([`create ${COPY}`, `create ${LINK}`]);
  expect(await ensured(link, site())).toEqual([]);
});

test.each([
  [LINK, ref('multicluster.linkerd.io/v1alpha3', 'Link', 'cluster-a')],
  [CREDENTIALS, ref('v1', 'Secret', 'cluster-credentials-cluster-a')],
  [COPY, ref('v1', 'Secret', 'cluster-credentials-cluster-a', 'linkerd')],
])('a deleted %s is created again, and nothing else is touched', async (object, deleted) => {
  await linked();
  await clusters.leaf.remove(deleted);
  clusters.leaf.changes.length = 0;
  expect(inShort(await ensured(link, site()))).toEqual([`create ${object}`]);
  expect([...clusters.changes, ...clusters.leaf.changes]).toHaveLength(1);
  expect(await ensured(link, site())).toEqual([]);
});

test('another address of the hub changes the Link and the credentials', async () => {
  await linked();
  const [host] = topology.broker.hosts;
  const moved = { ...topology, broker: { ...topology.broker, hosts: [{ ...host, externalAddress: '192.0.2.99' }] } };
  const steps = await ensured(link, siteOf(ports, firstLeaf(moved as never)));
  expect(inShort(steps)).toEqual([`change ${CREDENTIALS}`, `change ${COPY}`, `change ${LINK}`]);
  expect(steps.at(-1)?.diff).toContain('spec.gatewayAddress: 192.0.2.10 → 192.0.2.99');
  expect(steps[0]?.diff).toEqual([expect.stringMatching(/^data.kubeconfig: sha256:\w{8} → sha256:\w{8}$/)]);
});

test('a deleted account takes its token along, so new credentials and a controller that reads them are foreseen', async () => {
  await linked();
  await withController();
  await clusters.remove(account as never);
  await clusters.remove(token as never);
  const planned = inShort((await link.see(site())).steps);
  expect(planned).toEqual([
    'create ServiceAccount/linkerd-multicluster/link-cluster-b on cluster-a',
    'create Secret/linkerd-multicluster/link-cluster-b-token on cluster-a',
    `change ${CREDENTIALS}`,
    `change ${COPY}`,
    `restart ${CONTROLLER}`,
  ]);
  clusters.leaf.put(ref('v1', 'Pod', 'controller-1'));
  issuing('token 2');
  expect(inShort(await ensured(link, site()))).toEqual(planned);
  expect(clusters.leaf.changes.at(-1)).toBe('removed Pod/controller-1');
});

test('a controller that follows an earlier Link is restarted, also when its change was an attempt ago', async () => {
  await linked();
  await withController();
  clusters.leaf.edit(ref('multicluster.linkerd.io/v1alpha3', 'Link', 'cluster-a'));
  expect(inShort((await link.see(site())).steps)).toEqual([`change ${LINK}`, `restart ${CONTROLLER}`]);
  const { steps, act } = await link.see(site());
  await act(steps.slice(0, 1));
  expect(inShort((await link.see(site())).steps)).toEqual([`restart ${CONTROLLER}`]);
});

test('a gateway that has moved is done when the mirrored Service has left the former one', async () => {
  await linked();
  await withController();
  const mirrored = (ip: string) => ({
    ...ref('v1', 'Endpoints', 'nats-broker-cluster-a', 'nats-system'),
    subsets: [{ addresses: [{ ip }], ports: [{ name: 'leaf', port: 30143 }] }],
  });
  clusters.leaf.put(mirrored('192.0.2.7'));
  clusters.leaf.edit(ref('multicluster.linkerd.io/v1alpha3', 'Link', 'cluster-a'));
  expect(await failureOf(ensured(link, site()))).toMatchObject({
    code: 'NOT_READY',
    message: expect.stringMatching(/the mirrored Service leads to 192.0.2.7:30143, not to 192.0.2.10:30143/),
  });
  clusters.leaf.edit(ref('multicluster.linkerd.io/v1alpha3', 'Link', 'cluster-a'));
  ports.clock.onSleep = () => clusters.leaf.put(mirrored('192.0.2.10'));
  await ensured(link, site());
});

test('a Link without a running controller restarts nothing', async () => {
  await linked();
  clusters.leaf.edit(ref('multicluster.linkerd.io/v1alpha3', 'Link', 'cluster-a'));
  expect(inShort(await ensured(link, site()))).toEqual([`change ${LINK}`]);
});

test('a removal takes the Link first, leaves the account to the hub, and proves absence', async () => {
  await linked();
  expect(inShort(await removed(link, site()))).toEqual([`delete ${LINK}`, `delete ${COPY}`, `delete ${CREDENTIALS}`]);
  expect(clusters.changes).toEqual([]);
  expect(clusters.leaf.names()).toEqual(['Namespace/linkerd']);
  expect(await removed(link, site())).toEqual([]);
});

test('a removal works without the hub, and in a topology that no longer has a mesh', async () => {
  await linked();
  clusters.get = () => Promise.reject(new Error('the hub was asked'));
  clusters.preview = () => Promise.reject(new Error('the hub was asked'));
  const direct = { ...topology, link: { mode: 'direct' as const } };
  expect(inShort(await removed(link, siteOf(ports, firstLeaf(direct))))).toHaveLength(3);
});

test('credentials of others stay', async () => {
  clusters.leaf.put({ ...ref('v1', 'Secret', 'cluster-credentials-cluster-a') });
  expect(await removed(link, site())).toEqual([]);
});

test('the host of a leaf must reach the API server, the gateway and its probe port', () => {
  expect(link.dials?.(scope)).toEqual([6443, 30_143, 30_191].map((port) => ({ address: '192.0.2.10', port })));
});
