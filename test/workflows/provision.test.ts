import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { failureOfRun, Runs, statusOf } from '../support/temporal/runs.js';
import { twoLeaves } from '../support/topologies.js';
import { allOn, checkThat, failingOn, onHost, worldWith } from '../support/parts/world.js';

let runs: Runs;
beforeAll(async () => {
  runs = await Runs.open();
});
afterEach(() => runs.endAndReplay());
afterAll(() => runs.close());

const threeClusters = () => runs.topology({ leaves: twoLeaves() });

test('looks at everything, walks the plan of each cluster and proves it', async () => {
  const topology = runs.topology();
  const world = worldWith();
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  const result = await run.result();

  const texts = world.texts();
  expect(texts.slice(0, 3).sort()).toEqual(['plan cluster vm-a', 'plan cluster vm-b', 'verify artifacts vm-a']);
  expect(texts.filter((text) => text.endsWith('vm-a')).filter((text) => !/verify|plan/.test(text))).toEqual([
    'ensure certificates vm-a',
    'ensure k3s vm-a',
    expect.stringMatching(/ensure (broker|gateway) vm-a/),
    expect.stringMatching(/ensure (broker|gateway) vm-a/),
    'ensure publisher vm-a',
    'check cluster vm-a',
  ]);
  expect(texts.filter((text) => text.endsWith('vm-b')).slice(1)).toEqual([
    'ensure certificates vm-b',
    'ensure k3s vm-b',
    'ensure link vm-b',
    'ensure leaf-node vm-b',
    'check cluster vm-b',
  ]);
  expect(result).toEqual({
    state: 'done',
    planDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    changed: { create: 9, change: 0, delete: 0 },
    leaves: { total: 1, pending: 0, running: 0, done: 1, failed: 0, unchanged: 0, skipped: 0 },
    failedLeaves: [],
    checks: { passed: 2, failed: 0, warned: 0, skipped: 0 },
    failedChecks: [],
  });
  await runs.record(run, 'provision');
  await runs.record(runs.planOf(topology), 'plan');
  await runs.record(runs.child(topology, 'cluster-a'), 'cluster-hub');
  await runs.record(runs.child(topology, 'cluster-b'), 'cluster-leaf');
});

test('ends with a status in which every phase is done and which leads to its children', async () => {
  const topology = runs.topology();
  await runs.serve(topology, worldWith());
  const run = await runs.start(topology);
  const { planDigest } = await run.result();

  const { phases, ...status } = await statusOf(run);
  expect(phases.map(({ name, state }) => [name, state])).toEqual(
    ['preflight', 'pki', 'clusters', 'link', 'messaging', 'verify'].map((name) => [name, 'done']),
  );
  expect(status).toMatchObject({
    topology: topology.name,
    state: 'done',
    planDigest,
    planCounts: { create: 9, change: 0, delete: 0 },
    planWorkflowId: `provision-${topology.name}/.plan`,
    children: [`provision-${topology.name}/cluster-a`],
    leaves: { total: 1, done: 1 },
    checks: { passed: 2, failed: 0, warned: 0, skipped: 0 },
  });
  const child = await statusOf(runs.child(topology, 'cluster-b'));
  expect(child).toMatchObject({ cluster: 'cluster-b', state: 'done' });
  expect(child.phases.flatMap(({ name, entries }) => entries.map(({ id, changed }) => [name, id, changed]))).toEqual([
    ['pki', 'certificates', 1],
    ['clusters', 'k3s', 1],
    ['link', 'link', 1],
    ['messaging', 'leaf-node', 1],
    ['verify', 'checks', undefined],
  ]);
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

test('starts no child of a cluster and waits at no gate when nothing is to do', async () => {
  const topology = runs.topology({
    leaves: twoLeaves(),
    approvals: ['pki', 'clusters', 'link', 'messaging', 'verify'],
  });
  const world = worldWith({}, allOn('vm-a', 'vm-b', 'vm-c'));
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  expect(await run.result()).toMatchObject({
    state: 'done',
    changed: { create: 0, change: 0, delete: 0 },
    leaves: { total: 2, unchanged: 2, done: 0 },
    checks: { passed: 3, failed: 0 },
  });
  expect(await runs.childrenOf(run)).toEqual(['.plan', '.verify']);
  expect(world.acts()).toEqual([]);
  expect((await statusOf(run)).phases.map(({ state }) => state)).toEqual([
    ...['done', 'skipped', 'skipped', 'skipped', 'skipped', 'done'],
  ]);
  await runs.record(runs.verificationOf(topology), 'verify');
});

test('does nothing the second time', async () => {
  const topology = runs.topology();
  const world = worldWith();
  await runs.serve(topology, world);
  await (await runs.start(topology)).result();
  const first = world.acts();

  expect(await (await runs.start(topology)).result()).toMatchObject({ state: 'done', leaves: { unchanged: 1 } });
  expect(world.acts()).toEqual(first);
});

test.each(['ensure k3s', 'ensure link', 'ensure leaf-node', 'check cluster'] as const)(
  'finishes the other leaf when one fails in %s, and names it',
  async (name) => {
    const topology = threeClusters();
    const world = worldWith({ [name]: failingOn('vm-b', 'KUBE_OBJECT_REFUSED', 'not allowed') });
    await runs.serve(topology, world);
    const run = await runs.start(topology);

    const failed = { cluster: 'cluster-b', error: { code: 'KUBE_OBJECT_REFUSED', message: 'vm-b: not allowed' } };
    expect(await run.result()).toMatchObject({
      state: 'degraded',
      leaves: { done: 1, failed: 1 },
      failedLeaves: [failed],
    });
    expect(world.texts()).toContain('check cluster vm-c');
    const { children } = await statusOf(run);
    expect(children).toEqual(['cluster-a', 'cluster-b'].map((name) => `provision-${topology.name}/${name}`));
    expect(await statusOf(runs.child(topology, 'cluster-b'))).toMatchObject({ state: 'failed' });
  },
);

test.each(['ensure certificates', 'ensure broker', 'check cluster'] as const)(
  'fails as a whole when %s fails on the hub',
  async (name) => {
    const topology = runs.topology();
    const world = worldWith({ [name]: failingOn('vm-a', 'KUBE_OBJECT_REFUSED', 'port is already allocated') });
    await runs.serve(topology, world);
    const run = await runs.start(topology);

    expect(await failureOfRun(run)).toMatchObject({
      type: 'KUBE_OBJECT_REFUSED',
      message: 'vm-a: port is already allocated',
    });
  },
);

test.each<[behaviour: string, severity: 'error' | 'warning', state: string, counts: object]>([
  ['ends degraded when a check fails, and names it', 'error', 'degraded', { passed: 1, failed: 1, warned: 0 }],
  ['is done when only a warning fails', 'warning', 'done', { passed: 1, failed: 0, warned: 1 }],
])('%s', async (_behaviour, severity, state, checks) => {
  const topology = runs.topology();
  const results = [checkThat('fail', severity)];
  const failedChecks = results.filter((result) => result.severity === 'error');
  await runs.serve(topology, worldWith({ 'check cluster': onHost('vm-b', () => Promise.resolve({ results })) }));
  const run = await runs.start(topology);

  expect(await run.result()).toMatchObject({ state, checks, failedChecks, failedLeaves: [] });
  expect(await statusOf(run)).toMatchObject({ state, checks, failedChecks });
});

test('fails when the checks of a hub without changes cannot run', async () => {
  const topology = runs.topology();
  const world = worldWith({ 'check cluster': failingOn('vm-a', 'SSH_AUTH_FAILED', 'no key') }, allOn('vm-a', 'vm-b'));
  await runs.serve(topology, world);

  expect(await failureOfRun(await runs.start(topology))).toMatchObject({
    type: 'SSH_AUTH_FAILED',
    message: 'vm-a: no key',
  });
});

test('names a leaf without changes whose checks cannot run', async () => {
  const topology = threeClusters();
  const world = worldWith(
    { 'check cluster': failingOn('vm-b', 'SSH_AUTH_FAILED', 'no key') },
    allOn('vm-a', 'vm-b', 'vm-c'),
  );
  await runs.serve(topology, world);

  expect(await (await runs.start(topology)).result()).toMatchObject({
    state: 'degraded',
    leaves: { unchanged: 1, failed: 1 },
    failedLeaves: [{ cluster: 'cluster-b', error: { code: 'SSH_AUTH_FAILED', message: 'vm-b: no key' } }],
    checks: { passed: 2 },
  });
});
