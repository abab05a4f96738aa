import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { ErrorCode } from '../../src/contract/errors.js';
import { ProvisionError } from '../../src/contract/errors.js';
import { hubScope } from '../../src/contract/topology/scope.js';
import { claimFactsScript } from '../../src/domain/hosts/claim.js';
import { claimedHost } from '../support/parts/claimed-host.js';
import { failureOf } from '../support/errors.js';
import { FakeHosts } from '../support/fakes/hosts.js';
import { Attempt, fakePorts, type FakePorts } from '../support/fakes/ports.js';
import type { FakeSecrets } from '../support/fakes/secrets.js';
import { issuedCertificates } from '../support/parts/nats-parts.js';
import { twoClusters } from '../support/topologies.js';

const scope = hubScope(twoClusters());
const worked = (minutes: number) => ({ doing: 'started', begun: [], workedMs: minutes * 60_000 });

let issued: FakeSecrets;
beforeAll(async () => {
  issued = await issuedCertificates();
});

let ports: FakePorts;
beforeEach(() => {
  ports = claimedHost(issued);
});

test('a retry that finds everything in place still reports what the attempts before it did', async () => {
  ports.kubernetes.slow = Infinity;
  const first = new Attempt(ports);
  expect(await failureOf(first.run('ensure publisher', { scope }))).toMatchObject({ type: 'NOT_READY' });

  ports.kubernetes.slow = 0;
  const { steps } = await new Attempt(ports, { after: first }).run('ensure publisher', { scope });
  expect(steps.map(({ verb, object }) => `${verb} ${object}`)).toEqual([
    'create ServiceAccount/publisher',
    'create NetworkPolicy/publisher',
    'create Deployment/publisher',
  ]);
});

test('a step that had to be taken again is reported once', async () => {
  ports.kubernetes.cutAfter = 1;
  const first = new Attempt(ports);
  expect(await failureOf(first.run('ensure publisher', { scope }))).toMatchObject({ type: 'KUBE_API_FAILED' });

  ports.kubernetes.cutAfter = Infinity;
  const { steps } = await new Attempt(ports, { after: first }).run('ensure publisher', { scope });
  expect(steps.map(({ object }) => object)).toEqual([
    'ServiceAccount/publisher',
    'NetworkPolicy/publisher',
    'Deployment/publisher',
  ]);
});

test('what attempts hand over is small, and something else that was handed over counts as nothing', async () => {
  const first = new Attempt(ports);
  await first.run('ensure publisher', { scope });
  expect(first.details.at(-1)?.begun[0]).toEqual({
    verb: 'create',
    object: 'ServiceAccount/publisher',
    because: 'it is not there',
  });

  const odd = { doing: 'started', begun: [{ verb: 'create' }], workedMs: '5' } as never;
  expect(await new Attempt(ports, { after: odd }).run('ensure publisher', { scope })).toEqual({ steps: [] });
});

const failing = (code: ErrorCode): FakePorts =>
  fakePorts({ hosts: new FakeHosts().on(claimFactsScript, new ProvisionError(code, 'it is so', 'do that')) });

test.each<[code: ErrorCode, minutes: number, isLast: boolean]>([
  ['COMMAND_FAILED', 44, false],
  ['COMMAND_FAILED', 45, true],
  ['KUBE_API_FAILED', 45, true],
  // These pass when the host is back, whatever the attempts took before.
  ['SSH_UNREACHABLE', 300, false],
  ['SSH_CONNECTION_LOST', 300, false],
])('%s after %i minutes of work is the last failure: %s', async (code, minutes, isLast) => {
  const attempt = new Attempt(failing(code), { after: worked(minutes) });
  expect(await failureOf(attempt.run('ensure claim', { scope }))).toMatchObject({
    type: code,
    nonRetryable: isLast,
    message: `it is so${isLast ? ' (given up after 45 minutes of work)' : ''}`,
  });
});
