import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { ClusterPlan } from '../../src/contract/plan.js';
import { failureOfRun, Runs, statusOf } from '../support/temporal/runs.js';
import { bulky } from '../support/parts/synthetic-parts.js';
import { manyLeaves } from '../support/topologies.js';
import { allOn, checkThat, failingOn, onHost, worldWith } from '../support/parts/world.js';

let runs: Runs;
beforeAll(async () => {
  runs = await Runs.open();
});
afterEach(() => runs.endAndReplay());
afterAll(() => runs.close());

test('plans what a run would do, and changes nothing', async () => {
  const topology = runs.topology();
  const world = worldWith({}, allOn('vm-a'));
  await runs.serve(topology, world);
  const plan = await runs.startPlan(topology);

  expect(await plan.result()).toEqual({
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    counts: { create: 4, change: 0, delete: 0 },
    clusters: [
      {
        ...{ cluster: 'cluster-b', host: 'vm-b', state: 'none', digest: expect.stringMatching(/^[0-9a-f]{16}$/) },
        counts: { create: 4, change: 0, delete: 0 },
      },
    ],
    unchanged: 1,
    unfit: [],
    unreached: [],
    plans: [expect.objectContaining({ cluster: 'cluster-b', parts: expect.any(Array) })],
  });
  expect(world.acts()).toEqual([]);
  expect(await statusOf(plan)).toMatchObject({ state: 'done', phases: [{ name: 'preflight', state: 'done' }] });
});

test('makes the same digest of the same steps, and another one of others', async () => {
  const topology = runs.topology();
  const world = worldWith();
  await runs.serve(topology, world);
  const digestNow = async () => (await (await runs.startPlan(topology)).result()).digest;

  const before = await digestNow();
  expect(await digestNow()).toBe(before);
  world.change('vm-b link');
  expect(await digestNow()).not.toBe(before);
});

test('hands on what may make a cluster fail', async () => {
  const topology = runs.topology();
  const warnings = [{ message: 'a firewall is active', remedy: 'let the pods through' }];
  const warned = onHost('vm-b', async (_, otherwise: () => Promise<ClusterPlan>) => ({
    ...(await otherwise()),
    warnings,
  }));
  await runs.serve(topology, worldWith({ 'plan cluster': warned }));

  expect(await (await runs.startPlan(topology)).result()).toMatchObject({
    warnings: [{ cluster: 'cluster-b', host: 'vm-b', warnings }],
  });
});

test('shows the steps of clusters by pages, the hub first', async () => {
  const topology = runs.topology({ leaves: manyLeaves(4) });
  await runs.serve(topology, worldWith());
  const plan = await runs.startPlan(topology);
  await plan.result();

  const clusters = async (request: object) => {
    const { total, rows } = await plan.query<{ total: number; rows: { cluster: string }[] }, [object]>('plan', request);
    return [total, ...rows.map(({ cluster }) => cluster)];
  };
  expect(await clusters({ offset: 0, limit: 2 })).toEqual([5, 'cluster-a', 'leaf-1']);
  expect(await clusters({ offset: 3, limit: 50 })).toEqual([5, 'leaf-3', 'leaf-4']);
  expect(await clusters({ offset: 0, limit: 50, only: ['leaf-2'] })).toEqual([1, 'leaf-2']);
});

test('sends no more of large plans on a page than fits', async () => {
  const topology = runs.topology({ leaves: manyLeaves(6) });
  await runs.serve(topology, worldWith({ 'plan cluster': async (_, otherwise) => bulky(await otherwise(), 'x') }));
  const plan = await runs.startPlan(topology);

  expect(await plan.result()).not.toHaveProperty('plans');
  const page = await plan.query<{ total: number; rows: unknown[] }, [object]>('plan', { offset: 0, limit: 50 });
  expect([page.total, page.rows.length]).toEqual([7, 3]);
});

test('plans for the named leaves and the hub', async () => {
  const topology = runs.topology({ leaves: manyLeaves(4) });
  const world = worldWith();
  await runs.serve(topology, world);

  expect(await (await runs.startPlan(topology, { only: ['leaf-3'] })).result()).toMatchObject({
    clusters: [{ cluster: 'cluster-a' }, { cluster: 'leaf-3' }],
  });
  expect(world.hosts()).toEqual(new Set(['vm-a', 'host-3']));
});

test('keeps a status small in which hundreds of leaves do not respond', async () => {
  const topology = runs.topology({ leaves: manyLeaves(300) });
  const hosts = topology.leaves.flatMap((leaf) => leaf.hosts.map(({ name }) => name));
  const message = `no SSH response ${'and more '.repeat(100)}`;
  await runs.serve(topology, worldWith({ 'plan cluster': failingOn(hosts, 'SSH_UNREACHABLE', message) }));
  const plan = await runs.startPlan(topology);

  const summary = await plan.result();
  expect(summary.unreached).toHaveLength(300);
  expect(JSON.stringify(summary).length).toBeLessThan(100_000);
  expect(JSON.stringify(await statusOf(plan)).length).toBeLessThan(100_000);
});

test('runs every check, and shows the results by pages', async () => {
  const topology = runs.topology({ leaves: manyLeaves(3) });
  const world = worldWith({
    'check cluster': onHost('host-2', () => Promise.resolve({ results: [checkThat('fail', 'error', 'leaf-2')] })),
  });
  await runs.serve(topology, world);
  const verification = await runs.startVerify(topology);

  expect(await verification.result()).toEqual({
    checks: { passed: 3, failed: 1, warned: 0, skipped: 0 },
    failedChecks: [checkThat('fail', 'error', 'leaf-2')],
    failedClusters: [],
  });
  expect(await verification.query('results', { offset: 1, limit: 2 })).toEqual({
    total: 4,
    rows: [
      { cluster: 'leaf-1', results: [checkThat('pass', 'error', 'leaf-1')] },
      { cluster: 'leaf-2', results: [checkThat('fail', 'error', 'leaf-2')] },
    ],
  });
  expect(world.acts()).toEqual([]);
  expect(await statusOf(verification)).toMatchObject({ state: 'degraded', checks: { failed: 1 } });
});

test('names the clusters whose checks cannot run, and checks the others', async () => {
  const topology = runs.topology({ leaves: manyLeaves(3) });
  await runs.serve(topology, worldWith({ 'check cluster': failingOn('host-2', 'SSH_AUTH_FAILED', 'no key') }));
  const verification = await runs.startVerify(topology);

  expect(await verification.result()).toMatchObject({
    checks: { passed: 3, failed: 0 },
    failedClusters: [{ cluster: 'leaf-2', error: { code: 'SSH_AUTH_FAILED', message: 'host-2: no key' } }],
  });
  expect(await statusOf(verification)).toMatchObject({ state: 'degraded' });
});

test('checks only the named clusters', async () => {
  const topology = runs.topology({ leaves: manyLeaves(3) });
  const world = worldWith();
  await runs.serve(topology, world);

  await (await runs.startVerify(topology, { only: ['cluster-a', 'leaf-3'] })).result();
  expect(world.hosts()).toEqual(new Set(['vm-a', 'host-3']));
});

test('fails a plan as a whole when the hub cannot be looked at', async () => {
  const topology = runs.topology();
  await runs.serve(
    topology,
    worldWith({ 'plan cluster': failingOn('vm-a', 'SUDO_DENIED', 'sudo asks for a password') }),
  );
  const plan = await runs.startPlan(topology);

  expect(await failureOfRun(plan)).toMatchObject({ type: 'SUDO_DENIED' });
  expect(await statusOf(plan)).toMatchObject({ state: 'failed' });
});
