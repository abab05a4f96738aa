import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { failingOn, failureAt, checkThat, healthy, PLAN_DIGEST, worldOf, worldWith } from '../support/world.js';
import { failureOfRun, Runs, statusOf } from '../support/runs.js';
import { twoLeaves } from '../support/topologies.js';

let runs: Runs;
beforeAll(async () => {
  runs = await Runs.open();
});
afterEach(() => runs.endAndReplay());
afterAll(() => runs.close());

const threeClusters = () => runs.topology({ leaves: twoLeaves() });

test('goes through the phases in order, and nothing acts before the plan', async () => {
  const topology = runs.topology();
  const world = worldWith();
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  const result = await run.result();

  const texts = world.texts();
  expect(texts.slice(0, 3).sort()).toEqual(['inspectHost vm-a', 'inspectHost vm-b', 'verifyArtifacts']);
  expect(texts.slice(3, 5)).toEqual(['planRun', 'ensurePki']);
  expect(texts.filter((text) => text.endsWith('vm-a')).slice(1)).toEqual([
    'claimHost vm-a',
    expect.stringMatching(/^ensure(K3sFiles|Images|Tools) vm-a$/),
    expect.stringMatching(/^ensure(K3sFiles|Images|Tools) vm-a$/),
    expect.stringMatching(/^ensure(K3sFiles|Images|Tools) vm-a$/),
    'ensureK3s vm-a',
    'awaitK3s vm-a',
    expect.stringMatching(/^ensure(Kubeconfigs|NatsSecrets) vm-a$/),
    expect.stringMatching(/^ensure(Kubeconfigs|NatsSecrets) vm-a$/),
    'awaitImages vm-a',
    'ensureBroker vm-a',
    'reloadBroker vm-a',
    'cutOffLeaves vm-a',
    'ensureExternalPorts vm-a',
    'ensurePublisher vm-a',
  ]);
  expect(texts.filter((text) => text.endsWith('vm-b')).slice(-3)).toEqual([
    'awaitImages vm-b',
    'ensureLeafNode vm-b',
    'ensureSubscriber vm-b',
  ]);
  expect(texts.at(-1)).toBe('runChecks');
  expect(result).toMatchObject({ state: 'done', failedLeaves: [], plan: { digest: PLAN_DIGEST } });
  expect(result.changed).toEqual(expect.arrayContaining(['issued nats/ca', 'claimed vm-a', 'started K3s on vm-b']));
  const { phases, state, children } = await statusOf(run);
  expect(phases.map((phase) => [phase.name, phase.state])).toEqual([
    ['preflight', 'done'],
    ['pki', 'done'],
    ['clusters', 'done'],
    ['link', 'done'],
    ['messaging', 'done'],
    ['verify', 'done'],
  ]);
  expect(state).toBe('done');
  expect(children).toEqual([`provision-${topology.name}/cluster-a`, `provision-${topology.name}/cluster-b`]);
  await runs.record(run, 'provision.json');
  await runs.record(runs.child(topology, 'cluster-a'), 'cluster.json');
});

test('sets the search attributes by which the Web UI filters', async () => {
  const topology = runs.topology();
  await runs.serve(topology, worldWith());
  const run = await runs.start(topology);
  await run.result();

  const child = await runs.child(topology, 'cluster-b').describe();
  expect(child.typedSearchAttributes.getAll()).toContainEqual(
    expect.objectContaining({ key: expect.objectContaining({ name: 'LeafspanTopology' }), value: topology.name }),
  );
  const { typedSearchAttributes } = await run.describe();
  expect(typedSearchAttributes.getAll()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ key: expect.objectContaining({ name: 'LeafspanState' }), value: 'done' }),
      expect.objectContaining({ key: expect.objectContaining({ name: 'LeafspanPhase' }), value: 'verify' }),
    ]),
  );
});

test('stops after preflight in plan mode', async () => {
  const topology = runs.topology();
  const world = worldOf('verifyArtifacts', 'inspectHost', 'planRun');
  await runs.serve(topology, world);
  const run = await runs.start(topology, { mode: 'plan' });

  expect(await run.result()).toMatchObject({ state: 'planned', plan: { digest: PLAN_DIGEST }, changed: [] });
  const { phases } = await statusOf(run);
  expect(phases.map((phase) => phase.state)).toEqual(['done', 'skipped', 'skipped', 'skipped', 'skipped', 'skipped']);
});

test('runs the checks alone in verify mode', async () => {
  const topology = runs.topology();
  const world = worldOf('runChecks');
  await runs.serve(topology, world);
  const run = await runs.start(topology, { mode: 'verify' });

  expect(await run.result()).toEqual({ state: 'done', changed: [], checks: [checkThat('pass')], failedLeaves: [] });
});

test('reports the permanent problems of two hosts together and calls nothing else', async () => {
  const topology = runs.topology();
  const world = worldWith({
    inspectHost: ({ host }) =>
      Promise.reject(failureAt(host, 'SSH_AUTH_FAILED', 'no key is accepted', `add the key to ${host.name}`)),
  });
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  expect(await failureOfRun(run)).toMatchObject({
    type: 'SSH_AUTH_FAILED',
    message: 'vm-a: no key is accepted\nvm-b: no key is accepted',
    details: [{ remedy: 'add the key to vm-a\nadd the key to vm-b' }],
  });
  expect(world.texts().sort()).toEqual(['inspectHost vm-a', 'inspectHost vm-b', 'verifyArtifacts']);
});

test('reports what one host refuses together with what was seen on the other', async () => {
  const topology = runs.topology();
  const world = worldWith({
    inspectHost: failingOn(
      'vm-a',
      (host) => failureAt(host, 'SUDO_DENIED', 'sudo asks for a password'),
      healthy.inspectHost,
    ),
    planRun: () => Promise.reject(failureAt({ name: 'vm-b' }, 'PREFLIGHT_FAILED', 'port 6443 is taken')),
  });
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  expect((await failureOfRun(run)).message).toBe('vm-a: sudo asks for a password\nvm-b: port 6443 is taken');
  expect(world.texts()).not.toContain('ensurePki');
});

test('goes on without a leaf that cannot be reached, and keeps its certificate and its broker user', async () => {
  const topology = threeClusters();
  const world = worldWith({
    inspectHost: failingOn('vm-b', (host) => failureAt(host, 'SSH_UNREACHABLE', 'no SSH answer'), healthy.inspectHost),
  });
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  const result = await run.result();
  expect(result.state).toBe('degraded');
  expect(result.failedLeaves).toEqual([
    {
      cluster: 'cluster-b',
      error: expect.objectContaining({ code: 'SSH_UNREACHABLE', message: 'vm-b: no SSH answer' }),
    },
  ]);
  expect(world.inputsOf('ensurePki')).toEqual([expect.objectContaining({ leaves: ['cluster-b', 'cluster-c'] })]);
  expect(world.inputsOf('ensureBroker')).toEqual([expect.objectContaining({ leaves: ['cluster-b', 'cluster-c'] })]);
  expect(world.texts().filter((text) => text.endsWith('vm-b'))).toEqual(Array(3).fill('inspectHost vm-b'));
  expect(world.texts()).toContain('ensureSubscriber vm-c');
  expect(world.inputsOf('runChecks')).toEqual([
    { topology: expect.objectContaining({ leaves: [expect.objectContaining({ name: 'cluster-c' })] }) },
  ]);
});

test('fails when the broker cannot be reached', async () => {
  const topology = runs.topology();
  const world = worldWith({
    inspectHost: failingOn('vm-a', (host) => failureAt(host, 'SSH_UNREACHABLE', 'no SSH answer'), healthy.inspectHost),
  });
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  expect(await failureOfRun(run)).toMatchObject({ type: 'SSH_UNREACHABLE', message: 'vm-a: no SSH answer' });
  expect(world.texts()).not.toContain('planRun');
  expect((await statusOf(run)).state).toBe('failed');
});

test.each([
  ['clusters', 'ensureK3s'],
  ['messaging', 'ensureLeafNode'],
] as const)('finishes the other leaf when one fails in %s', async (phase, name) => {
  const topology = threeClusters();
  const world = worldWith({
    [name]: failingOn(
      'vm-b',
      (host) => failureAt(host, 'K3S_VERSION_DIFFERS', 'not as wanted'),
      healthy[name] as never,
    ),
  });
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  expect(await run.result()).toMatchObject({
    state: 'degraded',
    failedLeaves: [{ cluster: 'cluster-b', error: { code: 'K3S_VERSION_DIFFERS', message: 'vm-b: not as wanted' } }],
  });
  expect(world.texts()).toContain('ensureSubscriber vm-c');
  expect(world.texts()).not.toContain('ensureSubscriber vm-b');
  const { phases } = await statusOf(run);
  const steps = phases.find(({ name: candidate }) => candidate === phase)?.steps ?? [];
  expect(steps.filter((step) => step.state === 'failed')).toHaveLength(1);
});

test('ends degraded when a check fails, and names it in the status', async () => {
  const topology = runs.topology();
  const checks = [checkThat('fail')];
  await runs.serve(topology, worldWith({ runChecks: () => Promise.resolve({ results: checks }) }));
  const run = await runs.start(topology);

  expect(await run.result()).toMatchObject({ state: 'degraded', checks, failedLeaves: [] });
  expect(await statusOf(run)).toMatchObject({ state: 'degraded', checks });
});

test('is done when only a warning fails', async () => {
  const topology = runs.topology();
  const checks = [checkThat('fail', 'warning')];
  await runs.serve(topology, worldWith({ runChecks: () => Promise.resolve({ results: checks }) }));

  expect(await (await runs.start(topology)).result()).toMatchObject({ state: 'done', checks });
});
