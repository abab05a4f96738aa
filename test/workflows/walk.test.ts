import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { ClusterPlan, PartPlan } from '../../src/contract/plan.js';
import type { Scope } from '../../src/contract/topology/scope.js';
import { Hold } from '../support/temporal/hold.js';
import { entriesIn, failureOfRun, Runs, statusOf, statusWhere } from '../support/temporal/runs.js';
import { createStep, planWith } from '../support/parts/synthetic-parts.js';
import { allOn, failingOn, onHost, worldWith } from '../support/parts/world.js';

let runs: Runs;
beforeAll(async () => {
  runs = await Runs.open();
});
afterEach(() => runs.endAndReplay());
afterAll(() => runs.close());

const without = (places: string[], ...due: string[]): string[] => places.filter((place) => !due.includes(place));

test('runs parts side by side that do not need each other, and a part only after those it needs', async () => {
  const topology = runs.topology();
  const [broker, gateway] = [new Hold(), new Hold()];
  const world = worldWith({ 'ensure broker': broker.script, 'ensure gateway': gateway.script });
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  await Promise.all([broker.entered, gateway.entered]);

  const hub = runs.child(topology, 'cluster-a');
  expect(entriesIn(await statusOf(hub), 'running')).toEqual(['broker', 'gateway']);
  gateway.release();
  const later = await statusWhere(hub, (status) => entriesIn(status, 'done').includes('gateway'));
  expect(entriesIn(later, 'running')).toEqual(['broker']);
  broker.release();
  expect(await run.result()).toMatchObject({ state: 'done' });
  expect(
    world
      .acts()
      .filter((text) => text.endsWith('vm-a'))
      .at(-1),
  ).toBe('ensure publisher vm-a');
});

test('cancels the other parts when one fails, and waits until they have ended', async () => {
  const topology = runs.topology();
  const gateway = new Hold();
  const world = worldWith({
    'ensure gateway': gateway.script,
    'ensure broker': async (input, otherwise) => {
      await gateway.entered;
      return failingOn('vm-a', 'SECRET_MISSING', 'no certificate')(input, otherwise);
    },
  });
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  expect(await failureOfRun(run)).toMatchObject({ type: 'SECRET_MISSING', message: 'vm-a: no certificate' });
  expect(gateway.ended).toBe(true);
  expect(world.acts()).not.toContain('ensure publisher vm-a');
  const hub = await statusOf(runs.child(topology, 'cluster-a'));
  expect([hub.state, entriesIn(hub, 'failed')]).toEqual(['failed', ['broker', 'gateway']]);
});

test('cancels the leaves when the hub fails, and waits until they have ended', async () => {
  const topology = runs.topology();
  const leafNode = new Hold();
  const world = worldWith({
    'ensure leaf-node': leafNode.script,
    'ensure publisher': async (input, otherwise) => {
      await leafNode.entered;
      return failingOn('vm-a', 'SECRET_MISSING', 'no certificate')(input, otherwise);
    },
  });
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  expect(await failureOfRun(run)).toMatchObject({ type: 'SECRET_MISSING' });
  expect(leafNode.ended).toBe(true);
  expect((await statusOf(run)).failedLeaves).toEqual([]);
});

test('lets a leaf wait for the parts of the hub that it needs, and for no others', async () => {
  const topology = runs.topology();
  const [broker, gateway, link] = [new Hold(), new Hold(), new Hold()];
  const world = worldWith({
    'ensure broker': broker.script,
    'ensure gateway': gateway.script,
    'ensure link': link.script,
  });
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  const leaf = runs.child(topology, 'cluster-b');
  await Promise.all([broker.entered, gateway.entered]);
  const waiting = await statusWhere(leaf, (status) => entriesIn(status, 'done').includes('k3s'));
  expect(entriesIn(waiting, 'running')).toEqual([]);

  gateway.release();
  await link.entered;
  expect(entriesIn(await statusOf(runs.child(topology, 'cluster-a')), 'running')).toEqual(['broker']);
  link.release();
  broker.release();
  expect(await run.result()).toMatchObject({ state: 'done' });
});

test('does not let a leaf wait for what is in place on the hub', async () => {
  const topology = runs.topology();
  const [broker, link] = [new Hold(), new Hold()];
  const world = worldWith(
    { 'ensure broker': broker.script, 'ensure link': link.script },
    without(allOn('vm-a'), 'vm-a broker'),
  );
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  await Promise.all([broker.entered, link.entered]);
  link.release();
  broker.release();
  expect(await run.result()).toMatchObject({ state: 'done' });
  expect(world.acts().filter((text) => text.endsWith('vm-a'))).toEqual(['ensure broker vm-a']);
});

test('proves a leaf only when every part of the hub is in place', async () => {
  const topology = runs.topology();
  const publisher = new Hold();
  const world = worldWith({ 'ensure publisher': publisher.script });
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  const leaf = runs.child(topology, 'cluster-b');
  await publisher.entered;

  const waiting = await statusWhere(leaf, (status) => entriesIn(status, 'done').includes('leaf-node'));
  expect(entriesIn(waiting, 'running')).toEqual([]);
  publisher.release();
  expect(await run.result()).toMatchObject({ state: 'done' });
  expect(world.texts().slice(-2).sort()).toEqual(['check cluster vm-a', 'check cluster vm-b']);
});

test('keeps the order of two parts when the one between them is in place', async () => {
  const topology = runs.topology();
  const k3s = new Hold();
  const places = without(allOn('vm-a', 'vm-b'), 'vm-a k3s', 'vm-a publisher');
  const world = worldWith({ 'ensure k3s': k3s.script }, places);
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  await k3s.entered;

  expect(entriesIn(await statusOf(runs.child(topology, 'cluster-a')), 'running')).toEqual(['k3s']);
  k3s.release();
  expect(await run.result()).toMatchObject({ state: 'done', leaves: { unchanged: 1 } });
  expect(world.acts()).toEqual(['ensure k3s vm-a', 'ensure publisher vm-a']);
});

test('ensures a part that could not be looked at, and leaves alone what is in place', async () => {
  const topology = runs.topology();
  const part = (name: string, more: Partial<PartPlan>): PartPlan => ({
    ...{ part: name, title: name, phase: 'link', needs: [], needsHub: [], steps: [] },
    ...more,
  });
  const parts = [
    part('k3s', { steps: [createStep('k3s')], phase: 'clusters' }),
    part('link', { unseen: 'K3s does not respond', needs: ['k3s'] }),
    part('leaf-node', { needs: ['link'], phase: 'messaging' }),
  ];
  const plan = planWith(parts, { cluster: 'cluster-b', host: 'vm-b', state: 'ours' });
  const world = worldWith({ 'plan cluster': onHost('vm-b', () => Promise.resolve(plan)) }, allOn('vm-a'));
  await runs.serve(topology, world);

  expect(await (await runs.start(topology)).result()).toMatchObject({ state: 'done', leaves: { done: 1 } });
  expect(world.acts()).toEqual(['ensure k3s vm-b', 'ensure link vm-b']);
});

const checkedSoon = (host: string) =>
  onHost(host, async (_input: { scope: Scope }, otherwise: () => Promise<ClusterPlan>): Promise<ClusterPlan> => {
    const plan = await otherwise();
    return { ...plan, parts: plan.parts.map((each) => (each.part === 'k3s' ? { ...each, checkedSoon: true } : each)) };
  });

test('starts the slow checks of a part while later parts are at work, and counts them with the others', async () => {
  const topology = runs.topology();
  const [broker, slow] = [new Hold(), new Hold()];
  const world = worldWith(
    {
      'plan cluster': checkedSoon('vm-a'),
      'ensure broker': broker.script,
      'check cluster': (input, otherwise) => (input.soon === true ? slow.script(input, otherwise) : otherwise()),
    },
    allOn('vm-b'),
  );
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  await Promise.all([broker.entered, slow.entered]);

  slow.release();
  broker.release();
  expect(await run.result()).toMatchObject({ state: 'done', checks: { passed: 3, failed: 0 } });
  const asked = world.inputsOf('check cluster').map((input) => (input as { soon?: boolean }).soon);
  expect(asked).toEqual([true, false, undefined]);
});

test('fails by slow checks that cannot be run', async () => {
  const topology = runs.topology();
  const world = worldWith(
    {
      'plan cluster': checkedSoon('vm-a'),
      'check cluster': (input, otherwise) =>
        input.soon === true ? failingOn('vm-a', 'SSH_AUTH_FAILED', 'no key')(input, otherwise) : otherwise(),
    },
    allOn('vm-b'),
  );
  await runs.serve(topology, world);

  expect(await failureOfRun(await runs.start(topology))).toMatchObject({ type: 'SSH_AUTH_FAILED' });
});
