import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { hubScope } from '../../src/contract/topology/scope.js';
import { strangersPath } from '../../src/domain/multicluster/accounts.js';
import { linkerd } from '../../src/parts/mesh/linkerd.js';
import { linkerdCrds } from '../../src/parts/mesh/linkerd-crds.js';
import { multicluster } from '../../src/parts/mesh/multicluster.js';
import { natsSecrets } from '../../src/parts/nats/nats-secrets.js';
import type { Part } from '../../src/parts/part.js';
import type { Site } from '../../src/parts/site.js';
import { failureOf } from '../support/errors.js';
import { fakePorts, type FakePorts } from '../support/fakes/ports.js';
import type { FakeSecrets } from '../support/fakes/secrets.js';
import { issuedCertificates } from '../support/parts/nats-parts.js';
import { inShort, withApi } from '../support/parts/parts.js';
import { siteOf } from '../support/parts/site.js';
import { meshMode, twoClusters } from '../support/topologies.js';

const topology = twoClusters(meshMode);
const secrets = natsSecrets((objects) => [...objects]);
const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, managedFields: [] } });
const crd = (name: string) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name, managedFields: [] },
});

const unlabelled = {
  ...namespace('nats-system'),
  metadata: { name: 'nats-system', managedFields: [{ manager: 'leafspan' }] },
};

let issued: FakeSecrets;
let ports: FakePorts;
let site: () => Site;
beforeAll(async () => {
  issued = await issuedCertificates(topology);
});
beforeEach(async () => {
  ports = withApi(fakePorts({ secrets: await issued.copy() }));
  site = () => siteOf(ports, hubScope(topology));
});

test.each<[what: string, part: Part, theirs: ReturnType<typeof namespace>, named: string]>([
  ['a namespace for NATS', secrets, namespace('nats-system'), 'Namespace/nats-system'],
  ['a Linkerd', linkerd, namespace('linkerd'), 'Namespace/linkerd'],
  ['a multicluster extension', multicluster, namespace('linkerd-multicluster'), 'Namespace/linkerd-multicluster'],
  [
    'CRDs of Linkerd',
    linkerdCrds,
    crd('servers.policy.linkerd.io'),
    'CustomResourceDefinition/servers.policy.linkerd.io',
  ],
])('%s that leafspan did not create is refused, and nothing is changed', async (_what, part, theirs, named) => {
  ports.kubernetes.put(theirs).onGet(strangersPath(['cluster-b']), 200, '{"items":[]}');
  expect(await failureOf(part.see(site()))).toMatchObject({
    code: 'OBJECT_FOREIGN',
    message: `the cluster has objects of the same name that leafspan did not create: ${named}`,
    where: { cluster: 'cluster-a' },
  });
  expect(ports.kubernetes.changes).toEqual([]);
});

test('a removal leaves it alone', async () => {
  ports.kubernetes.put(namespace('nats-system'));
  expect((await secrets.seeForRemoval(site())).steps).toEqual([]);
});

test('an object of ours whose label somebody has taken off is ours all the same', async () => {
  ports.kubernetes.put(unlabelled);
  expect(inShort((await secrets.see(site())).steps)).toContain('change Namespace/nats-system');
});
