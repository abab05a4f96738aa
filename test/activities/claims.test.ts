import { beforeEach, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { clusterActivities } from '../../src/activities/clusters.js';
import { partActivities } from '../../src/activities/parts.js';
import { ProvisionError } from '../../src/contract/errors.js';
import { hubScope } from '../../src/contract/topology/scope.js';
import { claimFactsScript } from '../../src/domain/hosts/claim.js';
import { apiStateScript, ownK3sScript } from '../../src/domain/k3s/api-state.js';
import { namespace } from '../../src/domain/nats/objects/manifests.js';
import { failureOf } from '../support/errors.js';
import { fakePorts, type FakePorts } from '../support/fakes/ports.js';
import { twoClusters } from '../support/topologies.js';

/** Whose a host is decides before anything else does. */
const scope = hubScope(twoClusters());
const OTHERS: [whose: string, claim: string, type: string][] = [
  ['of another topology', 'claim={"topology":"plant-8","adopted":false}\n', 'HOST_LOCKED'],
  [
    'of another installation',
    'claim={"topology":"plant-7","installation":"0123456789abcdef","adopted":false}\n',
    'INSTALLATION_DIFFERS',
  ],
  ['whose claim is damaged', 'claim={"topo\n', 'CLAIM_UNREADABLE'],
];

let ports: FakePorts;
let env: MockActivityEnvironment;
beforeEach(() => {
  ports = fakePorts();
  env = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
});

test.each(OTHERS)(
  'a plan refuses a host %s, once and for all, before any part is looked at',
  async (_whose, claim, type) => {
    ports.hosts
      .on('true')
      .on(/^\necho "epochNs/, `arch=x86_64\nmemoryMb=2000\ndiskFreeMb=20000\nepochNs=${Date.now()}000000\n${claim}`);
    const plan = env.run(clusterActivities(ports)['plan cluster'], { scope, trustOnFirstUse: false });
    expect(await failureOf(plan)).toMatchObject({ type, nonRetryable: true });
    expect(ports.hosts.ran).toHaveLength(2);
  },
);

test('a plan refuses a host whose sshd forbids forwarding, with the setting', async () => {
  ports.hosts.forbids = new ProvisionError('SSH_FORWARDING_FORBIDDEN', 'forbids forwarding', 'set AllowTcpForwarding');
  ports.hosts
    .on('true')
    .on(/^\necho "epochNs/, `arch=x86_64\nmemoryMb=2000\ndiskFreeMb=20000\nepochNs=${Date.now()}000000\n`);
  const plan = env.run(clusterActivities(ports)['plan cluster'], { scope, trustOnFirstUse: false });
  expect(await failureOf(plan)).toMatchObject({
    nonRetryable: true,
    message: expect.stringContaining('forbids forwarding') as unknown,
    details: [expect.objectContaining({ hint: expect.stringContaining('set AllowTcpForwarding') as unknown })],
  });
});

const removeK3s = () => partActivities(ports)['remove k3s'] ?? (() => Promise.reject(new Error('no such activity')));

test.each(OTHERS)('nothing is removed from a host %s', async (_whose, claim, type) => {
  ports.hosts.on(claimFactsScript, claim);
  expect(await failureOf(env.run(removeK3s(), { scope }))).toMatchObject({ type, nonRetryable: true });
  expect(ports.hosts.ran).toEqual([claimFactsScript]);
});

const planRemoval = () => env.run(clusterActivities(ports)['plan removal'], { scope });

test.each<[what: string, config: string, state: string, found: string, adopted: boolean]>([
  ['a K3s that it installed', '/etc/rancher/k3s/config.yaml\n', '', '/etc/rancher/k3s/config.yaml', false],
  ['objects in a K3s of others', '', 'installed\nactive\nkubeconfig\n', 'Namespace/nats-system', true],
])(
  'a teardown names a host without a claim on which leafspan left %s',
  async (_what, config, state, found, adopted) => {
    ports.hosts.on('true').on(claimFactsScript).on(ownK3sScript, config).on(apiStateScript, state);
    ports.kubernetes.onGet('/readyz', 200, 'ok');
    await ports.kubernetes.apply([namespace()]);
    expect(await failureOf(planRemoval())).toMatchObject({
      type: 'CLAIM_MISSING',
      nonRetryable: true,
      message: expect.stringContaining(found) as unknown,
      details: [expect.objectContaining({ hint: expect.stringContaining(`"adopted":${adopted}}`) as unknown })],
    });
  },
);

test.each<[what: string, state: string]>([
  ['is bare', ''],
  ['has a K3s of others', 'installed\nactive\nkubeconfig\n'],
])('of a host without a claim that %s a teardown has nothing to remove', async (_what, state) => {
  ports.hosts.on('true').on(claimFactsScript).on(ownK3sScript).on(apiStateScript, state);
  ports.kubernetes.onGet('/readyz', 200, 'ok');
  expect(await planRemoval()).toEqual({ parts: [] });
});

test('nothing is removed from a host without a claim, and it is not even looked for', async () => {
  ports.hosts.on(claimFactsScript, '');
  expect(await env.run(removeK3s(), { scope })).toEqual({ steps: [] });
});
