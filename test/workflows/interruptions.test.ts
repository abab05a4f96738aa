import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Hold } from '../support/temporal/hold.js';
import {
  entriesIn,
  failureOfRun,
  messages,
  Runs,
  statusOf,
  statusWhere,
  untilState,
} from '../support/temporal/runs.js';
import { manyLeaves } from '../support/topologies.js';
import { allOn, first, onHost, worldWith } from '../support/parts/world.js';

const { pauseSignal, resumeSignal } = messages;

let runs: Runs;
beforeAll(async () => {
  runs = await Runs.open();
});
afterEach(() => runs.endAndReplay());
afterAll(() => runs.close());

test('starts no further part while it is paused, in the run and in its children', async () => {
  const topology = runs.topology();
  const [onHub, onLeaf] = [new Hold(), new Hold()];
  const world = worldWith({ 'ensure k3s': onHost('vm-a', onHub.script, onLeaf.script) });
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  await Promise.all([onHub.entered, onLeaf.entered]);

  await run.signal(pauseSignal);
  const children = [runs.child(topology, 'cluster-a'), runs.child(topology, 'cluster-b')];
  await untilState(run, 'paused');
  await Promise.all(children.map((child) => untilState(child, 'paused')));
  onHub.release();
  onLeaf.release();
  await Promise.all(children.map((child) => statusWhere(child, (status) => entriesIn(status, 'done').includes('k3s'))));
  expect(world.acts().filter((text) => !/certificates|k3s/.test(text))).toEqual([]);

  await run.signal(resumeSignal);
  expect(await run.result()).toMatchObject({ state: 'done' });
  expect((await statusOf(run)).state).toBe('done');
});

test('starts no further leaf while it is paused', async () => {
  const topology = runs.topology({
    leaves: manyLeaves(2),
    rollout: { concurrency: 1, canary: 0, maxFailures: '10%' },
  });
  const proof = new Hold();
  const world = worldWith({ 'check cluster': onHost('host-1', proof.script) }, allOn('vm-a'));
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  await proof.entered;

  await run.signal(pauseSignal);
  await untilState(run, 'paused');
  proof.release();
  await statusWhere(run, ({ leaves }) => leaves?.done === 1);
  expect(await runs.childrenOf(run)).toEqual(['.plan', 'leaf-1']);
  await run.signal(resumeSignal);
  expect(await run.result()).toMatchObject({ state: 'done', leaves: { done: 2 } });
});

test('stays paused when it is approved during a pause', async () => {
  const topology = runs.topology({ approvals: ['pki'] });
  const world = worldWith();
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  await untilState(run, 'waiting');

  await run.signal(pauseSignal);
  await run.signal('approve', { phase: 'pki' });
  await untilState(run, 'paused');
  const hub = runs.child(topology, 'cluster-a');
  expect(entriesIn(await untilState(hub, 'paused'), 'running')).toEqual([]);
  await run.signal(resumeSignal);
  expect(await run.result()).toMatchObject({ state: 'done' });
});

test('continues with another worker when the first one is shut down in the middle', async () => {
  const topology = runs.topology();
  const hold = new Hold();
  const first = await runs.serve(topology, worldWith({ 'ensure publisher': hold.script }));
  const run = await runs.start(topology);
  await hold.entered;
  await statusWhere(runs.child(topology, 'cluster-b'), (status) => entriesIn(status, 'done').includes('leaf-node'));

  await runs.stop(first);
  expect(hold.ended).toBe(true);
  const afterwards = worldWith();
  await runs.serve(topology, afterwards);
  expect(await run.result()).toMatchObject({ state: 'done', failedLeaves: [] });
  expect(afterwards.texts().slice(0, 1)).toEqual(['ensure publisher vm-a']);
  expect(afterwards.texts().slice(1).sort()).toEqual(['check cluster vm-a', 'check cluster vm-b']);
  const { events } = await runs.child(topology, 'cluster-a').fetchHistory();
  const attempts = (events ?? []).flatMap((event) => event.activityTaskStartedEventAttributes?.attempt ?? []);
  expect(attempts.filter((attempt) => attempt === 2)).toHaveLength(1);
});

test.each<[where: string, host: string]>([
  ['the hub', 'vm-a'],
  ['a leaf', 'vm-b'],
])('stops as cancelled only when the running activity of %s has ended', async (_where, host) => {
  const topology = runs.topology();
  const hold = new Hold();
  const world = worldWith({ 'ensure k3s': onHost(host, hold.script) });
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  await hold.entered;

  await run.cancel();
  expect(await failureOfRun(run)).toMatchObject({ name: 'CancelledFailure' });
  expect(hold.ended).toBe(true);
  const { failedLeaves, phases, state } = await statusOf(run);
  expect([failedLeaves, state, phases.at(-1)?.entries]).toEqual([[], 'failed', []]);
});

test('a run that follows a terminated one waits until its children have stopped', async () => {
  const topology = runs.topology();
  const hold = new Hold();
  const world = worldWith({ 'ensure k3s': onHost('vm-a', first(hold.script)) });
  await runs.serve(topology, world);
  const terminated = await runs.start(topology);
  await hold.entered;

  await terminated.terminate('by an operator');
  const run = await runs.start(topology);
  expect(await run.result()).toMatchObject({ state: 'done', failedLeaves: [] });
  expect(hold.ended).toBe(true);
});

test('stops as cancelled while it looks, and when no look runs any more', async () => {
  const topology = runs.topology();
  const hold = new Hold();
  const world = worldWith({ 'plan cluster': onHost('vm-b', hold.script) });
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  await hold.entered;

  await run.cancel();
  expect(await failureOfRun(run)).toMatchObject({ name: 'CancelledFailure' });
  expect(hold.ended).toBe(true);
  expect(world.acts()).toEqual([]);
});

test('stops as cancelled while it waits for an approval', async () => {
  const topology = runs.topology({ approvals: ['pki'] });
  await runs.serve(topology, worldWith());
  const run = await runs.start(topology);
  await untilState(run, 'waiting');

  await run.cancel();
  expect(await failureOfRun(run)).toMatchObject({ name: 'CancelledFailure' });
  expect(await statusOf(run)).not.toHaveProperty('waitingFor');
});
