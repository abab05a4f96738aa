import { ApplicationFailure } from '@temporalio/activity';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Hold } from '../support/temporal/hold.js';
import { entriesIn, failureOfRun, Runs, statusOf, statusWhere, untilState } from '../support/temporal/runs.js';
import { outbox } from '../support/accounts.js';
import { manyLeaves, twoClusters, twoLeaves } from '../support/topologies.js';
import { allOn, failingOn, onHost, worldWith } from '../support/parts/world.js';

let runs: Runs;
beforeAll(async () => {
  runs = await Runs.open();
});
afterEach(() => runs.endAndReplay());
afterAll(() => runs.close());

test('removes leaf nodes, then the broker, then the keys', async () => {
  const topology = runs.topology();
  const world = worldWith();
  await runs.serve(topology, world);
  const run = await runs.startTeardown(topology, { purge: true });

  expect(await run.result()).toEqual({
    state: 'done',
    removed: 5,
    leaves: { total: 1, pending: 0, running: 0, done: 1, failed: 0, unchanged: 0, skipped: 0 },
    unreached: [],
    keys: 'deleted',
  });
  const acts = world.acts();
  expect(acts[0]).toBe('remove leaf-node vm-b');
  expect(acts.filter((text) => text.endsWith('vm-b'))).toEqual(['remove leaf-node vm-b', 'remove k3s vm-b']);
  expect(acts.filter((text) => text.endsWith('vm-a'))).toEqual(['remove broker vm-a', 'remove k3s vm-a']);
  expect(acts.at(-1)).toBe('purge keys');
  expect((await statusOf(run)).phases.map(({ name, state }) => [name, state])).toEqual([
    ['leaves', 'done'],
    ['hub', 'done'],
    ['keys', 'done'],
  ]);
  await runs.record(run, 'teardown');
  await runs.record(runs.handle(`teardown-${topology.name}/cluster-a`), 'removal-hub');
  await runs.record(runs.handle(`teardown-${topology.name}/cluster-b`), 'removal-leaf');
});

const OWN_ACCOUNTS = { nats: { ...twoClusters().nats, accounts: [outbox()] } };

test('removes nothing while a stream holds messages', async () => {
  const topology = runs.topology(OWN_ACCOUNTS);
  const world = worldWith({
    'look for messages in streams': () =>
      Promise.reject(
        ApplicationFailure.nonRetryable('cluster-b: stream OUTBOX holds 3 messages', 'STREAMS_HOLD_MESSAGES'),
      ),
  });
  await runs.serve(topology, world);
  const run = await runs.startTeardown(topology);
  expect((await failureOfRun(run)).type).toBe('STREAMS_HOLD_MESSAGES');
  expect(world.texts()).toEqual(['look for messages in streams']);
});

test('does not ask what streams hold when the user said that they may go', async () => {
  const topology = runs.topology({ ...OWN_ACCOUNTS, deleteData: true });
  const world = worldWith();
  await runs.serve(topology, world);
  expect(await (await runs.startTeardown(topology)).result()).toMatchObject({ state: 'done' });
  expect(world.texts()).not.toContain('look for messages in streams');
});

test('starts the removal of the hub when the last leaf node has left, and no sooner', async () => {
  const topology = runs.topology({ leaves: twoLeaves() });
  const [leafNode, k3s] = [new Hold(), new Hold()];
  const world = worldWith({
    'remove leaf-node': onHost('vm-b', leafNode.script),
    'remove k3s': onHost('vm-c', k3s.script),
  });
  await runs.serve(topology, world);
  const run = await runs.startTeardown(topology);
  await Promise.all([leafNode.entered, k3s.entered]);
  expect(await runs.childrenOf(run)).toEqual(['cluster-b', 'cluster-c']);

  leafNode.release();
  await statusWhere(run, ({ children }) => children[0]?.endsWith('cluster-a') === true);
  const leaf = runs.handle(`teardown-${topology.name}/cluster-c`);
  expect(entriesIn(await statusOf(leaf), 'running')).toEqual(['k3s']);
  k3s.release();
  expect(await run.result()).toMatchObject({ state: 'done', leaves: { done: 2 } });
});

test('keeps the keys when it is not asked to purge them', async () => {
  const topology = runs.topology();
  const world = worldWith();
  await runs.serve(topology, world);
  const run = await runs.startTeardown(topology);

  expect(await run.result()).toMatchObject({ state: 'done', keys: 'kept' });
  expect(world.texts()).not.toContain('purge keys');
  expect((await statusOf(run)).phases.at(-1)).toMatchObject({ name: 'keys', state: 'skipped' });
});

test.each([
  ['names a host that is off and continues with the others', 'plan removal', 'SSH_UNREACHABLE', 'no SSH response'],
  ['leaves a host of another topology alone', 'plan removal', 'HOST_LOCKED', 'belongs to topology "plant-9"'],
  ['names a host on which something is left behind', 'remove k3s', 'KUBE_OBJECT_REFUSED', 'left behind'],
] as const)('%s, and keeps the keys', async (_behaviour, name, code, message) => {
  const topology = runs.topology();
  const world = worldWith({ [name]: failingOn('vm-b', code, message) });
  await runs.serve(topology, world);
  const run = await runs.startTeardown(topology, { purge: true });

  const unreached = [{ cluster: 'cluster-b', error: expect.objectContaining({ code, message: `vm-b: ${message}` }) }];
  expect(await run.result()).toMatchObject({ state: 'degraded', keys: 'kept', unreached, leaves: { failed: 1 } });
  expect(world.acts()).toContain('remove k3s vm-a');
  expect(world.texts()).not.toContain('purge keys');
  expect(await statusOf(run)).toMatchObject({ state: 'degraded', failedLeaves: [{ cluster: 'cluster-b' }] });
});

test('names a hub that cannot be removed, and keeps the keys', async () => {
  const topology = runs.topology();
  const world = worldWith({ 'remove broker': failingOn('vm-a', 'KUBE_OBJECT_REFUSED', 'not allowed') });
  await runs.serve(topology, world);

  expect(await (await runs.startTeardown(topology, { purge: true })).result()).toMatchObject({
    state: 'degraded',
    keys: 'kept',
    unreached: [{ cluster: 'cluster-a', error: { message: 'vm-a: not allowed' } }],
    leaves: { done: 1 },
  });
  expect(world.acts()).not.toContain('remove k3s vm-a');
});

test('removes the named leaf, and walks the hub again without it', async () => {
  const topology = runs.topology({ leaves: manyLeaves(3) });
  const world = worldWith({}, [
    ...allOn('vm-a').filter((place) => place !== 'vm-a broker'),
    'host-1 k3s',
    'host-3 k3s',
  ]);
  await runs.serve(topology, world);
  const run = await runs.startTeardown(topology, { only: ['leaf-2'], purge: true });

  expect(await run.result()).toMatchObject({
    state: 'done',
    removed: 3,
    leaves: { total: 1, done: 1 },
    keys: 'kept',
  });
  expect(world.acts()).toEqual(['remove leaf-node host-2', expect.anything(), expect.anything()]);
  expect(world.acts().slice(1).sort()).toEqual(['ensure broker vm-a', 'remove k3s host-2']);
  expect(world.inputsOf('ensure broker')).toEqual([
    { scope: expect.objectContaining({ leaves: ['leaf-1', 'leaf-3'] }) },
  ]);
  expect(world.hosts()).toEqual(new Set(['host-2', 'vm-a']));
  await runs.record(run, 'teardown-only');
});

test('takes a named leaf out of the hub also when its host is off', async () => {
  const topology = runs.topology({ leaves: manyLeaves(3) });
  const world = worldWith({ 'plan removal': failingOn('host-2', 'SSH_AUTH_FAILED', 'no key') });
  await runs.serve(topology, world);

  expect(await (await runs.startTeardown(topology, { only: ['leaf-2'] })).result()).toMatchObject({
    state: 'degraded',
    unreached: [{ cluster: 'leaf-2' }],
  });
  expect(world.acts()).toContain('ensure broker vm-a');
});

test('is degraded when the hub cannot be walked without the leaf', async () => {
  const topology = runs.topology({ leaves: manyLeaves(3) });
  const world = worldWith({ 'ensure broker': failingOn('vm-a', 'KUBE_OBJECT_REFUSED', 'not allowed') });
  await runs.serve(topology, world);

  expect(await (await runs.startTeardown(topology, { only: ['leaf-2'] })).result()).toMatchObject({
    state: 'degraded',
    unreached: [{ cluster: 'cluster-a', error: { message: 'vm-a: not allowed' } }],
    leaves: { done: 1 },
  });
});

test('removes as many leaves at once as the rollout says', async () => {
  const topology = runs.topology({
    leaves: manyLeaves(6),
    rollout: { concurrency: 2, canary: 3, maxFailures: '0' },
  });
  const world = worldWith({ 'remove k3s': failingOn('host-1', 'KUBE_OBJECT_REFUSED', 'not allowed') });
  await runs.serve(topology, world);

  expect(await (await runs.startTeardown(topology)).result()).toMatchObject({ leaves: { done: 5, failed: 1 } });
  expect(world.peakOf('remove leaf-node')).toBeLessThanOrEqual(2);
});

test('removes nothing further while it is paused', async () => {
  const topology = runs.topology();
  const hold = new Hold();
  const world = worldWith({ 'remove leaf-node': hold.script });
  await runs.serve(topology, world);
  const run = await runs.startTeardown(topology);
  await hold.entered;

  await run.signal('pause');
  const leaf = runs.handle(`teardown-${topology.name}/cluster-b`);
  await Promise.all([untilState(run, 'paused'), untilState(leaf, 'paused')]);
  hold.release();
  await statusWhere(leaf, (status) => entriesIn(status, 'done').includes('leaf-node'));
  expect(world.acts()).toEqual(['remove leaf-node vm-b']);
  await run.signal('resume');
  expect(await run.result()).toMatchObject({ state: 'done' });
});

test('stops as cancelled only when the removal at work has ended', async () => {
  const topology = runs.topology();
  const hold = new Hold();
  await runs.serve(topology, worldWith({ 'remove k3s': hold.script }));
  const run = await runs.startTeardown(topology, { purge: true });
  await hold.entered;

  await run.cancel();
  expect(await failureOfRun(run)).toMatchObject({ name: 'CancelledFailure' });
  expect(hold.ended).toBe(true);
});
