import { beforeEach, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { clusterActivities } from '../../src/activities/clusters.js';
import { partActivities } from '../../src/activities/parts.js';
import { ProvisionError } from '../../src/contract/errors.js';
import { hubScope } from '../../src/contract/topology/scope.js';
import { claimFactsScript } from '../../src/domain/hosts/claim.js';
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

test('nothing is removed from a host without a claim, and it is not even looked for', async () => {
  ports.hosts.on(claimFactsScript, '');
  expect(await env.run(removeK3s(), { scope })).toEqual({ steps: [] });
});
