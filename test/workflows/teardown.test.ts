import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { failureOfRun, Runs, statusOf } from '../support/runs.js';
import { failingOn, failureAt, healthy, Hold, worldWith } from '../support/world.js';

let runs: Runs;
beforeAll(async () => {
  runs = await Runs.open();
});
afterEach(() => runs.endAndReplay());
afterAll(() => runs.close());

test('removes leaves, broker, clusters and keys in this order', async () => {
  const topology = runs.topology();
  const world = worldWith();
  await runs.serve(topology, world);
  const run = await runs.startTeardown(topology, { purge: true });

  expect(await run.result()).toEqual({
    state: 'done',
    unreached: [],
    keys: 'deleted',
    removed: [
      'removed StatefulSet/nats-leaf on cluster-b',
      'removed StatefulSet/nats-broker on cluster-a',
      expect.stringMatching(/^removed K3s from vm-[ab]$/),
      expect.stringMatching(/^removed K3s from vm-[ab]$/),
      `deleted the keys of topology ${topology.name}`,
    ],
  });
  const texts = world.texts();
  expect(texts.slice(0, 2).sort()).toEqual(['checkOwner vm-a', 'checkOwner vm-b']);
  expect(texts.slice(2, 5)).toEqual(['removeLeafNode vm-b', 'awaitLeavesGone vm-a', 'removeBroker vm-a']);
  expect(texts.slice(5, 7).sort()).toEqual(['removeHost vm-a', 'removeHost vm-b']);
  expect(texts.slice(7)).toEqual(['purgeKeys']);
  await runs.record(run, 'teardown.json');
});

test('keeps the keys when it is not asked to purge them', async () => {
  const topology = runs.topology();
  const world = worldWith();
  await runs.serve(topology, world);
  const run = await runs.startTeardown(topology);

  expect(await run.result()).toMatchObject({ state: 'done', keys: 'kept' });
  expect(world.texts()).not.toContain('purgeKeys');
  expect((await statusOf(run)).phases.at(-1)).toMatchObject({ name: 'keys', state: 'done', steps: [] });
});

test.each([
  ['names a host that is off and goes on with the others', 'SSH_UNREACHABLE', 'no SSH answer'],
  ['leaves a host of another topology alone', 'HOST_LOCKED', 'belongs to topology "plant-9"'],
] as const)('%s', async (_behaviour, code, message) => {
  const topology = runs.topology();
  const world = worldWith({
    checkOwner: failingOn('vm-b', (host) => failureAt(host, code, message), healthy.checkOwner),
  });
  await runs.serve(topology, world);
  const run = await runs.startTeardown(topology, { purge: true });

  expect(await run.result()).toMatchObject({
    state: 'degraded',
    keys: 'kept',
    unreached: [{ host: 'vm-b', error: { code, message: `vm-b: ${message}` } }],
    removed: ['removed StatefulSet/nats-broker on cluster-a', 'removed K3s from vm-a'],
  });
  expect(new Set(world.texts().filter((text) => text.endsWith('vm-b')))).toEqual(new Set(['checkOwner vm-b']));
  expect(world.texts()).not.toContain('purgeKeys');
  expect((await statusOf(run)).state).toBe('degraded');
});

test('ends as cancelled when it is cancelled, and only when the removal in work has ended', async () => {
  const topology = runs.topology();
  const hold = new Hold();
  await runs.serve(topology, worldWith({ removeHost: () => hold.wait() as never }));
  const run = await runs.startTeardown(topology, { purge: true });
  await hold.entered;

  await run.cancel();
  expect(await failureOfRun(run)).toMatchObject({ name: 'CancelledFailure' });
  expect(hold.ended).toBe(true);
});
