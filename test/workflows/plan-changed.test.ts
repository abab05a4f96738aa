import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { ClusterPlan } from '../../src/contract/plan.js';
import { failureOfRun, Runs, untilState } from '../support/temporal/runs.js';
import { bulky } from '../support/parts/synthetic-parts.js';
import { twoLeaves } from '../support/topologies.js';
import { allOn, failingOn, first, onHost, worldWith } from '../support/parts/world.js';

let runs: Runs;
beforeAll(async () => {
  runs = await Runs.open();
});
afterEach(() => runs.endAndReplay());
afterAll(() => runs.close());

const gated = () => runs.topology({ leaves: twoLeaves(), approvals: ['clusters'] });

test('hands every part the steps that were approved', async () => {
  const topology = gated();
  const world = worldWith();
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  await untilState(run, 'waiting');
  await run.signal('approve', { phase: 'clusters' });

  expect(await run.result()).toMatchObject({ state: 'done' });
  const approved = [expect.objectContaining({ verb: 'create', object: 'k3s' })];
  expect(world.inputsOf('ensure k3s')).toEqual(Array(3).fill(expect.objectContaining({ approved })));
});

test('hands no part approved steps when nothing is gated', async () => {
  const topology = runs.topology();
  const world = worldWith();
  await runs.serve(topology, world);
  await (await runs.start(topology)).result();

  expect(world.inputsOf('ensure k3s')).toEqual(Array(2).fill({ scope: expect.anything() }));
});

test('ends the run when a part of the hub has other steps than were approved', async () => {
  const topology = gated();
  const world = worldWith({ 'ensure broker': failingOn('vm-a', 'PLAN_CHANGED', 'the plan changed:\n  delete x') });
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  await untilState(run, 'waiting');
  await run.signal('approve', { phase: 'clusters' });

  expect(await failureOfRun(run)).toMatchObject({
    type: 'PLAN_CHANGED',
    message: 'vm-a: the plan changed:\n  delete x',
  });
});

test('fails the one leaf of which a part has other steps than were approved', async () => {
  const topology = gated();
  const world = worldWith({ 'ensure link': failingOn('vm-b', 'PLAN_CHANGED', 'the plan changed') });
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  await untilState(run, 'waiting');
  await run.signal('approve', { phase: 'clusters' });

  expect(await run.result()).toMatchObject({
    state: 'degraded',
    leaves: { done: 1, failed: 1 },
    failedLeaves: [{ cluster: 'cluster-b', error: { code: 'PLAN_CHANGED', message: 'vm-b: the plan changed' } }],
  });
});

test('does not act on a leaf that was not seen when the plan was approved', async () => {
  const topology = gated();
  const world = worldWith({
    'plan cluster': onHost('vm-b', first(failingOn('vm-b', 'SSH_UNREACHABLE', 'no SSH response'))),
  });
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  await untilState(run, 'waiting');
  await run.signal('approve', { phase: 'clusters' });

  expect(await run.result()).toMatchObject({
    state: 'degraded',
    leaves: { done: 1, failed: 1 },
    failedLeaves: [
      {
        cluster: 'cluster-b',
        error: { code: 'PLAN_CHANGED', message: expect.stringMatching(/^vm-b: [^]*create k3s/) },
      },
    ],
  });
  expect(world.acts().filter((text) => text.endsWith('vm-b'))).toEqual([]);
});

test('proves a leaf that was not seen when the plan was approved, and has nothing to do', async () => {
  const topology = gated();
  const world = worldWith(
    {
      'plan cluster': onHost('vm-b', first(failingOn('vm-b', 'SSH_UNREACHABLE', 'no SSH response'))),
    },
    allOn('vm-a', 'vm-b', 'vm-c'),
  );
  await runs.serve(topology, world);

  expect(await (await runs.start(topology)).result()).toMatchObject({
    state: 'done',
    leaves: { done: 1, unchanged: 1 },
  });
  expect(world.texts()).toContain('check cluster vm-b');
});

test.each<[behaviour: string, object: string, outcome: object]>([
  ['acts on a leaf whose plan is still the approved one', 'unit x', { state: 'done', leaves: { done: 2 } }],
  ['does not act on a leaf whose plan has become another one', 'unit y', { leaves: { done: 1, failed: 1 } }],
])('%s, when plans are too large to travel', async (_behaviour, object, outcome) => {
  const topology = gated();
  const world = worldWith({
    'plan cluster': onHost('vm-b', first(bulkyPlan('unit x'), bulkyPlan(object)), bulkyPlan('unit x')),
  });
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  await untilState(run, 'waiting');
  await run.signal('approve', { phase: 'clusters' });

  expect(await run.result()).toMatchObject(outcome);
  expect(world.inputsOf('plan cluster')).toHaveLength(6);
});

const bulkyPlan = (object: string) => async (_input: unknown, otherwise: () => Promise<ClusterPlan>) =>
  bulky(await otherwise(), object);
