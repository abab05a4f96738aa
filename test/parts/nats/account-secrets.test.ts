import type { V1Secret } from '@kubernetes/client-node';
import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Account } from '../../../src/contract/topology/topology.js';
import { hubScope, type Scope } from '../../../src/contract/topology/scope.js';
import { USER_SECRETS_PATH } from '../../../src/domain/nats/objects/user-secrets.js';
import { partsOf } from '../../../src/parts/list.js';
import { orders } from '../../support/accounts.js';
import type { FakePorts } from '../../support/fakes/ports.js';
import type { FakeSecrets } from '../../support/fakes/secrets.js';
import { emptyClusters, issuedCertificates, PartUnderTest } from '../../support/parts/nats-parts.js';
import { firstLeaf } from '../../support/parts/site.js';
import { twoClusters } from '../../support/topologies.js';

const accounts = [
  orders({
    users: [
      { name: 'plc', at: ['each-leaf'], publish: ['orders.{cluster}.>'], secretIn: ['orders-app', 'tools'] },
      { name: 'erp', at: ['broker'], subscribe: ['orders.>'] },
    ],
    exports: [],
  }),
];
const topology = (declared: Account[]) => twoClusters({ nats: { ...twoClusters().nats, accounts: declared } });
const LEAF = firstLeaf(topology(accounts));
const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'orders-app' } };

let secrets: FakeSecrets;
beforeAll(async () => {
  secrets = await issuedCertificates(topology(accounts));
});

let ports: FakePorts;
beforeEach(() => {
  ports = emptyClusters(secrets);
  ports.kubernetes.onGet(USER_SECRETS_PATH, 200, { items: [] });
});

const partFor = (scope: Scope): PartUnderTest => new PartUnderTest(ports, scope, 'account-secrets');

/** The API server lists what is there. */
function listed(): void {
  const all = JSON.parse(ports.kubernetes.objects()) as V1Secret[];
  ports.kubernetes.onGet(USER_SECRETS_PATH, 200, { items: all.filter(({ kind }) => kind === 'Secret') });
}

test('an application gets its certificate in each namespace; a namespace that is missing is made', async () => {
  ports.kubernetes.put(NAMESPACE);
  expect(await partFor(LEAF).provide()).toEqual([
    'create Namespace/tools',
    'create Secret/orders-app/nats-orders-plc',
    'create Secret/tools/nats-orders-plc',
  ]);
  expect(await partFor(LEAF).provide()).toEqual([]);
});

test('the Secret of a user who is gone is removed, and the namespaces stay', async () => {
  await partFor(LEAF).provide();
  listed();
  expect(await partFor(firstLeaf(topology([]))).provide()).toEqual([
    'delete Secret/tools/nats-orders-plc',
    'delete Secret/orders-app/nats-orders-plc',
  ]);
  expect(ports.kubernetes.names()).toEqual(['Namespace/orders-app', 'Namespace/tools']);
});

test('a removal takes every Secret of a user and no namespace', async () => {
  await partFor(LEAF).provide();
  listed();
  expect(await partFor(LEAF).remove()).toEqual([
    'delete Secret/tools/nats-orders-plc',
    'delete Secret/orders-app/nats-orders-plc',
  ]);
});

test('a cluster without users in it has nothing to give, and a topology without accounts has no such part', async () => {
  expect(await partFor(hubScope(topology(accounts))).provide()).toEqual([]);
  expect(partsOf(hubScope(twoClusters())).map(({ name }) => name)).not.toContain('account-secrets');
});
