import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { failureOfRun, Runs, statusOf } from '../support/temporal/runs.js';
import { manyLeaves, twoLeaves } from '../support/topologies.js';
import { failingOn, first, onHost, worldWith } from '../support/parts/world.js';

let runs: Runs;
beforeAll(async () => {
  runs = await Runs.open();
});
afterEach(() => runs.endAndReplay());
afterAll(() => runs.close());

const threeClusters = () => runs.topology({ leaves: twoLeaves() });

test('reports the permanent problems of two hosts together and calls nothing else', async () => {
  const topology = runs.topology();
  const world = worldWith({
    'plan cluster': ({ scope }, otherwise) =>
      failingOn(
        [scope.cluster.hosts[0]?.name ?? ''],
        'SSH_AUTH_FAILED',
        'no key is accepted',
        'add the key',
      )({ scope }, otherwise),
  });
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  expect(await failureOfRun(run)).toMatchObject({
    type: 'SSH_AUTH_FAILED',
    message: 'vm-a: no key is accepted\nvm-b: no key is accepted',
    details: [{ docs: 'ssh-auth-failed', hint: 'add the key' }],
  });
  expect(world.texts().sort()).toEqual(['plan cluster vm-a', 'plan cluster vm-b', 'verify artifacts vm-a']);
});

test('reports an unfit bundle together with what a host refuses', async () => {
  const topology = runs.topology();
  const world = worldWith({
    'verify artifacts': failingOn('vm-a', 'BUNDLE_INVALID', 'no k3s for arm64'),
    'plan cluster': failingOn('vm-b', 'SUDO_DENIED', 'sudo asks for a password'),
  });
  await runs.serve(topology, world);

  expect(await failureOfRun(await runs.start(topology))).toMatchObject({
    type: 'BUNDLE_INVALID',
    message: 'vm-a: no k3s for arm64\nvm-b: sudo asks for a password',
  });
  expect(world.acts()).toEqual([]);
});

test('goes on without a leaf that cannot be reached, which stays a leaf of the hub', async () => {
  const topology = threeClusters();
  const world = worldWith({ 'plan cluster': failingOn('vm-b', 'SSH_UNREACHABLE', 'no SSH response') });
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  expect(await run.result()).toMatchObject({
    state: 'degraded',
    leaves: { total: 2, done: 1, failed: 1 },
    failedLeaves: [{ cluster: 'cluster-b', error: { code: 'SSH_UNREACHABLE', message: 'vm-b: no SSH response' } }],
  });
  expect(world.inputsOf('ensure broker')).toEqual([
    { scope: expect.objectContaining({ leaves: ['cluster-b', 'cluster-c'] }) },
  ]);
  expect(new Set(world.texts().filter((text) => text.endsWith('vm-b')))).toEqual(new Set(['plan cluster vm-b']));
  expect(world.acts()).toContain('ensure leaf-node vm-c');
});

test('works on a leaf that responds only at the second look', async () => {
  const topology = threeClusters();
  const world = worldWith({
    'plan cluster': onHost('vm-b', first(failingOn('vm-b', 'SSH_UNREACHABLE', 'no SSH response'))),
  });
  await runs.serve(topology, world);

  expect(await (await runs.start(topology)).result()).toMatchObject({ state: 'done', leaves: { done: 2 } });
  expect(world.acts()).toContain('ensure leaf-node vm-b');
});

test('fails when the hub cannot be reached', async () => {
  const topology = runs.topology();
  const world = worldWith({ 'plan cluster': failingOn('vm-a', 'SSH_UNREACHABLE', 'no SSH response') });
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  expect(await failureOfRun(run)).toMatchObject({ type: 'SSH_UNREACHABLE', message: 'vm-a: no SSH response' });
  expect(world.acts()).toEqual([]);
  const { state, phases } = await statusOf(run);
  expect([state, ...phases.map((phase) => phase.state)]).toEqual([
    'failed',
    'failed',
    ...Array<string>(5).fill('skipped'),
  ]);
});

test('names a leaf with a problem that the user must fix, and works on the others while few leaves have one', async () => {
  const topology = runs.topology({ leaves: manyLeaves(10) });
  const world = worldWith({ 'plan cluster': failingOn('host-4', 'SUDO_DENIED', 'sudo asks for a password') });
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  expect(await run.result()).toMatchObject({
    state: 'degraded',
    leaves: { done: 9, failed: 1 },
    failedLeaves: [{ cluster: 'leaf-4', error: { code: 'SUDO_DENIED', message: 'host-4: sudo asks for a password' } }],
  });
  expect(world.texts().filter((text) => text.endsWith('host-4'))).toEqual(['plan cluster host-4']);
});

test('refuses to start when more leaves have a problem than may fail', async () => {
  const topology = runs.topology({ leaves: manyLeaves(10) });
  const world = worldWith({
    'plan cluster': failingOn(['host-4', 'host-7'], 'SUDO_DENIED', 'sudo asks for a password'),
  });
  await runs.serve(topology, world);

  expect(await failureOfRun(await runs.start(topology))).toMatchObject({
    type: 'SUDO_DENIED',
    message: 'host-4: sudo asks for a password\nhost-7: sudo asks for a password',
  });
  expect(world.acts()).toEqual([]);
});

test('refuses the second of two hosts that are one machine', async () => {
  const topology = runs.topology();
  const world = worldWith({
    'plan cluster': async (_, otherwise) => ({ ...(await otherwise()), machine: '0123456789abcdef' }),
  });
  await runs.serve(topology, world);

  expect(await failureOfRun(await runs.start(topology))).toMatchObject({
    type: 'PREFLIGHT_FAILED',
    message: 'vm-b: is the same machine as vm-a of cluster "cluster-a"',
    details: [{ hint: expect.stringMatching(/correct ssh.address/) }],
  });
  expect(world.acts()).toEqual([]);
});
