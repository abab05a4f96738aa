import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { mostStartsAtOnce, priorityOf } from '../../support/temporal/executions.js';
import { Hold } from '../../support/temporal/hold.js';
import { failureOfRun, Runs, statusOf, statusWhere } from '../../support/temporal/runs.js';
import { manyLeaves } from '../../support/topologies.js';
import { allOn, failingOn, onHost, worldWith } from '../../support/parts/world.js';

let runs: Runs;
beforeAll(async () => {
  runs = await Runs.open();
});
afterEach(() => runs.endAndReplay());
afterAll(() => runs.close());

const hosts = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `host-${from + index}`);

test('finishes the canaries before another leaf starts', async () => {
  const topology = runs.topology({
    leaves: manyLeaves(4),
    rollout: { concurrency: 20, canary: 2, maxFailures: '10%' },
  });
  const canary = new Hold();
  const world = worldWith({ 'ensure leaf-node': onHost('host-2', canary.script) });
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  await canary.entered;

  const early = await statusWhere(run, ({ leaves }) => leaves?.done === 1);
  expect(early.leaves).toMatchObject({ done: 1, running: 1, pending: 2 });
  canary.release();
  expect(await run.result()).toMatchObject({ state: 'done', leaves: { done: 4 } });
  expect(await runs.childrenOf(run)).toEqual(['.plan', 'cluster-a', 'leaf-1', 'leaf-2', 'leaf-3', 'leaf-4']);
});

test('starts all at once when there are no more than two leaves to do', async () => {
  const topology = runs.topology({ leaves: manyLeaves(3) });
  const [first, second] = [new Hold(), new Hold()];
  const world = worldWith(
    { 'ensure k3s': onHost('host-1', first.script), 'ensure link': onHost('host-2', second.script) },
    allOn('vm-a', 'host-3'),
  );
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  await Promise.all([first.entered, second.entered]);
  first.release();
  second.release();
  expect(await run.result()).toMatchObject({ state: 'done', leaves: { done: 2, unchanged: 1 } });
});

test('takes no canary among the leaves that did not respond, and none of them holds up the others', async () => {
  const topology = runs.topology({ leaves: manyLeaves(3) });
  const world = worldWith({ 'plan cluster': failingOn('host-1', 'SSH_UNREACHABLE', 'no SSH response') });
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  expect(await run.result()).toMatchObject({ state: 'degraded', leaves: { done: 2, failed: 1, skipped: 0 } });
  expect(await runs.childrenOf(run)).toEqual(['.plan', 'cluster-a', 'leaf-2', 'leaf-3', 'leaf-1']);
});

test('never works on more leaves at once than the rollout says', async () => {
  const topology = runs.topology({
    leaves: manyLeaves(9),
    rollout: { concurrency: 3, canary: 1, maxFailures: '10%' },
  });
  const world = worldWith({}, allOn('vm-a'));
  await runs.serve(topology, world);

  expect(await (await runs.start(topology)).result()).toMatchObject({ state: 'done', leaves: { done: 9 } });
  expect(world.peakOf('ensure k3s')).toBeLessThanOrEqual(3);
  expect(world.peakOf('check cluster')).toBeLessThanOrEqual(3);
});

test('asks for four children at once, and for the tasks of leaves after those of the run and of the hub', async () => {
  const topology = runs.topology({
    leaves: manyLeaves(25),
    rollout: { concurrency: 25, canary: 0, maxFailures: '10%' },
  });
  await runs.serve(topology, worldWith());
  const run = await runs.start(topology);

  expect(await run.result()).toMatchObject({ state: 'done', leaves: { done: 25 } });
  expect(mostStartsAtOnce(await run.fetchHistory())).toBe(4);
  expect(priorityOf(await runs.child(topology, 'leaf-25').fetchHistory())).toBe(4);
  expect(priorityOf(await runs.child(topology, 'cluster-a').fetchHistory())).not.toBe(4);
});

test.each<[maxFailures: string, failing: string[], counts: object]>([
  ['1', ['host-1', 'host-2'], { failed: 2, done: 0, skipped: 4 }],
  ['2', ['host-1', 'host-2'], { failed: 2, done: 4, skipped: 0 }],
  ['20%', ['host-1', 'host-2'], { failed: 2, done: 0, skipped: 4 }],
  ['0', ['host-3'], { failed: 1, done: 2, skipped: 3 }],
])('stops the rollout when more than %s fail, and skips the rest', async (maxFailures, failing, counts) => {
  const topology = runs.topology({ leaves: manyLeaves(6), rollout: { concurrency: 1, canary: 0, maxFailures } });
  const world = worldWith({ 'ensure k3s': failingOn(failing, 'KUBE_OBJECT_REFUSED', 'not allowed') }, allOn('vm-a'));
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  expect(await run.result()).toMatchObject({
    state: 'degraded',
    leaves: { total: 6, pending: 0, running: 0, ...counts },
    failedLeaves: failing.map((host) => ({ cluster: host.replace('host', 'leaf'), state: 'failed' })),
  });
  expect(await statusOf(run)).toMatchObject({ state: 'degraded', leaves: counts });
});

test('lets one of few leaves fail, although a share of them is less than one', async () => {
  const topology = runs.topology({
    leaves: manyLeaves(3),
    rollout: { concurrency: 1, canary: 1, maxFailures: '10%' },
  });
  const world = worldWith({ 'ensure k3s': failingOn('host-1', 'KUBE_OBJECT_REFUSED', 'not allowed') }, allOn('vm-a'));
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  expect(await run.result()).toMatchObject({ state: 'degraded', leaves: { failed: 1, done: 2, skipped: 0 } });
});

test('lists the leaves by state and by pages', async () => {
  const topology = runs.topology({
    leaves: manyLeaves(5),
    rollout: { concurrency: 1, canary: 0, maxFailures: '0' },
  });
  const world = worldWith(
    { 'ensure k3s': failingOn('host-2', 'KUBE_OBJECT_REFUSED', 'not allowed') },
    allOn('vm-a', 'host-4'),
  );
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  await run.result();

  const page = (request: object) => run.query('leaves', request);
  const row = (cluster: string, state: string) => expect.objectContaining({ cluster, state });
  expect(await page({ offset: 0, limit: 2 })).toEqual({
    total: 5,
    rows: [
      expect.objectContaining({ ...{ cluster: 'leaf-1', state: 'done', changed: 4, failedChecks: 0 } }),
      row('leaf-2', 'failed'),
    ],
  });
  expect(await page({ offset: 2, limit: 200 })).toEqual({
    total: 5,
    rows: [row('leaf-3', 'skipped'), row('leaf-4', 'unchanged'), row('leaf-5', 'skipped')],
  });
  expect(await page({ state: 'skipped', offset: 1, limit: 10 })).toEqual({
    total: 2,
    rows: [row('leaf-5', 'skipped')],
  });
});

test('starts one child for the one leaf that joins twenty', async () => {
  const topology = runs.topology({ leaves: manyLeaves(21) });
  const world = worldWith({}, allOn('vm-a', ...hosts(1, 20)));
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  expect(await run.result()).toMatchObject({
    state: 'done',
    leaves: { total: 21, done: 1, unchanged: 20 },
    checks: { passed: 22 },
  });
  expect(await runs.childrenOf(run)).toEqual(['.plan', 'leaf-21', '.verify']);
  expect(world.acts().filter((text) => !text.endsWith('host-21'))).toEqual([]);
});

test('touches only the leaves that are named, and the hub knows them all', async () => {
  const topology = runs.topology({ leaves: manyLeaves(4) });
  const world = worldWith();
  await runs.serve(topology, world);
  const run = await runs.start(topology, { only: ['leaf-2', 'leaf-4'] });

  expect(await run.result()).toMatchObject({ state: 'done', leaves: { total: 2, done: 2 } });
  expect(world.hosts()).toEqual(new Set(['vm-a', 'host-2', 'host-4']));
  expect(world.inputsOf('ensure broker')).toEqual([
    { scope: expect.objectContaining({ leaves: ['leaf-1', 'leaf-2', 'leaf-3', 'leaf-4'] }) },
  ]);
});

test('does not let a leaf that is slow or fails hold up another one', async () => {
  const topology = runs.topology({
    leaves: manyLeaves(4),
    rollout: { concurrency: 20, canary: 0, maxFailures: '50%' },
  });
  const slow = new Hold();
  const world = worldWith({
    'ensure k3s': onHost('host-1', slow.script),
    'ensure link': failingOn('host-2', 'KUBE_OBJECT_REFUSED', 'not allowed'),
  });
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  const status = await statusWhere(run, ({ leaves }) => leaves?.done === 2 && leaves.failed === 1);
  expect(status.leaves).toMatchObject({ running: 1, failed: 1 });
  expect(status.children.map((id) => id.split('/')[1])).toEqual(['cluster-a', 'leaf-1', 'leaf-2']);
  slow.release();
  expect(await run.result()).toMatchObject({ state: 'degraded', leaves: { done: 3, failed: 1 } });
});

test('waits for the leaves at work when it is cancelled with others still to start', async () => {
  const topology = runs.topology({
    leaves: manyLeaves(3),
    rollout: { concurrency: 1, canary: 0, maxFailures: '10%' },
  });
  const hold = new Hold();
  const world = worldWith({ 'ensure k3s': hold.script }, allOn('vm-a'));
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  await hold.entered;

  await run.cancel();
  expect(await failureOfRun(run)).toMatchObject({ name: 'CancelledFailure' });
  expect(hold.ended).toBe(true);
  expect(await runs.childrenOf(run)).toEqual(['.plan', 'leaf-1']);
});

test('takes a leaf whose child somebody cancelled for a failed one', async () => {
  const topology = runs.topology({ leaves: manyLeaves(2) });
  const hold = new Hold();
  const world = worldWith({ 'ensure k3s': onHost('host-1', hold.script) }, allOn('vm-a'));
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  await hold.entered;

  await runs.child(topology, 'leaf-1').cancel();
  expect(await run.result()).toMatchObject({
    state: 'degraded',
    leaves: { done: 1, failed: 1 },
    failedLeaves: [{ cluster: 'leaf-1' }],
  });
  expect(hold.ended).toBe(true);
});
