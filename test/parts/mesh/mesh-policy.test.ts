import { beforeEach, expect, test } from '@jest/globals';
import { ProvisionError } from '../../../src/contract/errors.js';
import { hubScope, type Scope } from '../../../src/contract/topology/scope.js';
import { meshPolicy } from '../../../src/parts/mesh/mesh-policy.js';
import { failureOf } from '../../support/errors.js';
import { fakePorts, type FakePorts } from '../../support/fakes/ports.js';
import { bare, ensured, inShort, removed, withApi } from '../../support/parts/parts.js';
import { firstLeaf, siteOf } from '../../support/parts/site.js';
import { meshMode, twoClusters } from '../../support/topologies.js';

const topology = twoClusters(meshMode);
const hub = hubScope(topology);
const leaf = firstLeaf(topology);
const node = (name: string, podCIDR?: string) => ({ metadata: { name }, spec: { podCIDR } });

let ports: FakePorts;
beforeEach(() => {
  ports = withApi(fakePorts());
  ports.kubernetes.onGet('/api/v1/nodes', 200, { items: [node('vm-a', '10.42.0.0/24')] });
});

const OF_LEAF = [
  'NetworkAuthentication/nats-leaf-from-host',
  'Server/nats-leaf-client',
  'AuthorizationPolicy/nats-leaf-client-from-host',
];
const OF_HUB = [
  'NetworkAuthentication/nats-broker-from-host',
  'Server/nats-broker-client',
  'AuthorizationPolicy/nats-broker-client-from-host',
  'Server/nats-broker-leaf',
  'AuthorizationPolicy/nats-broker-leaf-from-host',
];

test.each<[role: string, scope: Scope, objects: string[]]>([
  ['hub', hub, OF_HUB],
  ['leaf', leaf, OF_LEAF],
])('on the %s each port gets a policy, planned on a bare host and applied once', async (_role, scope, objects) => {
  const planned = (await meshPolicy.see(siteOf(bare(fakePorts()), scope))).steps;
  expect(inShort(planned)).toEqual(objects.map((object) => `create ${object}`));
  expect(await ensured(meshPolicy, siteOf(ports, scope))).toEqual(planned);
  expect(ports.kubernetes.names()).toEqual(objects);
  expect(await ensured(meshPolicy, siteOf(ports, scope))).toEqual([]);
});

test.each([
  ['the host’s node', [node('other', '10.99.0.0/24'), node('vm-a', '10.42.3.0/24')], '10.42.3.1/32'],
  ['the only node, whatever its name', [node('adopted', '10.42.7.0/24')], '10.42.7.1/32'],
])('the host gets in from the pod range of %s', async (_node, items, address) => {
  ports.kubernetes.onGet('/api/v1/nodes', 200, { items });
  await ensured(meshPolicy, siteOf(ports, hub));
  expect(ports.kubernetes.objects()).toContain(`"networks":[{"cidr":"${address}"},{"cidr":"192.0.2.10/32"}]`);
});

test('a node without a range is waited for', async () => {
  ports.kubernetes.onGet('/api/v1/nodes', 200, { items: [node('vm-a')] });
  ports.clock.onSleep = () => ports.kubernetes.onGet('/api/v1/nodes', 200, { items: [node('vm-a', '10.42.0.0/24')] });
  await ensured(meshPolicy, siteOf(ports, hub));
  expect(ports.kubernetes.objects()).toContain('10.42.0.1/32');
  expect(ports.kubernetes.objects()).not.toContain('0.0.0.1/32');
});

test('a node that never gets a range is an error', async () => {
  ports.kubernetes.onGet('/api/v1/nodes', 200, { items: [] });
  expect(await failureOf(ensured(meshPolicy, siteOf(ports, hub)))).toMatchObject({
    code: 'NOT_READY',
    message: 'not ready within 60 s, last: the node has no range for its pods',
  });
});

const server = {
  apiVersion: 'policy.linkerd.io/v1beta3',
  kind: 'Server',
  metadata: { name: 'nats-broker-leaf', namespace: 'nats-system' },
};

test('a changed policy is the only one that is applied again', async () => {
  await ensured(meshPolicy, siteOf(ports, hub));
  ports.kubernetes.edit(server).changes.length = 0;
  expect(inShort(await ensured(meshPolicy, siteOf(ports, hub)))).toEqual(['change Server/nats-broker-leaf']);
  expect(ports.kubernetes.changes).toEqual(['applied Server/nats-broker-leaf']);
});

test('a policy is compared also while the webhook that would judge it is down', async () => {
  await ensured(meshPolicy, siteOf(ports, hub));
  await ports.kubernetes.apply([{ ...server, spec: { accessPolicy: 'all-unauthenticated' } } as never]);
  ports.kubernetes.preview = () =>
    Promise.reject(new ProvisionError('KUBE_API_FAILED', 'dry run: failed calling webhook "linkerd-policy-validator"'));
  const [step, ...more] = (await meshPolicy.see(siteOf(ports, hub))).steps;
  expect(more).toEqual([]);
  expect(step).toMatchObject({ verb: 'change', object: 'Server/nats-broker-leaf' });
  expect(step?.diff).toContain('spec.accessPolicy: all-unauthenticated → all-authenticated');
});

test('a removal takes what is ours, in reverse', async () => {
  await ensured(meshPolicy, siteOf(ports, leaf));
  expect(inShort(await removed(meshPolicy, siteOf(ports, leaf)))).toEqual(
    [...OF_LEAF].reverse().map((object) => `delete ${object}`),
  );
  expect(ports.kubernetes.names()).toEqual([]);
  expect(await removed(meshPolicy, siteOf(ports, leaf))).toEqual([]);
});
