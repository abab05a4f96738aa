import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { CheckResult } from '../../src/contract/checks.js';
import { manyLeaves } from '../support/topologies.js';
import { Hold } from '../support/temporal/hold.js';
import { failureOfRun, Runs } from '../support/temporal/runs.js';
import { allOn, checkThat, failingOn, onHost, worldWith } from '../support/parts/world.js';

let runs: Runs;
beforeAll(async () => {
  runs = await Runs.open();
});
afterEach(() => runs.endAndReplay());
afterAll(() => runs.close());

const AHEAD = 'check cluster ahead';
const slow = (state: 'pass' | 'fail') => (): Promise<{ results?: CheckResult[] }> =>
  Promise.resolve({ results: [checkThat(state)] });

test('counts the slow checks that began beside the look when nothing is to do, and runs the others', async () => {
  const topology = runs.topology();
  const world = worldWith({ [AHEAD]: onHost('vm-b', slow('fail'), slow('pass')) }, allOn('vm-a', 'vm-b'));
  await runs.serve(topology, world);

  expect(await (await runs.start(topology)).result()).toMatchObject({
    state: 'degraded',
    checks: { passed: 3, failed: 1 },
    failedChecks: [checkThat('fail')],
  });
  expect(world.inputsOf('check cluster')).toEqual([
    expect.objectContaining({ soon: false }),
    expect.objectContaining({ soon: false }),
  ]);
});

test('waits for none of them when something is to do, and runs every check of what is unchanged at the end', async () => {
  const topology = runs.topology();
  const hold = new Hold();
  const world = worldWith({ [AHEAD]: hold.script }, allOn('vm-a'));
  await runs.serve(topology, world);

  expect(await (await runs.start(topology)).result()).toMatchObject({ state: 'done', checks: { passed: 2 } });
  expect(world.inputsOf('check cluster')).not.toContainEqual(expect.objectContaining({ soon: false }));
});

test.each([
  ['fail', failingOn('vm-b', 'SSH_CONNECTION_LOST', 'the connection was lost')],
  ['find no cluster that is up', onHost('vm-b', () => Promise.resolve({}))],
])('runs them again when they %s', async (_, script) => {
  const topology = runs.topology();
  const world = worldWith({ [AHEAD]: script }, allOn('vm-a', 'vm-b'));
  await runs.serve(topology, world);

  expect(await (await runs.start(topology)).result()).toMatchObject({ state: 'done', checks: { passed: 3 } });
  expect(world.inputsOf('check cluster')).toContainEqual(
    expect.objectContaining({ soon: true, scope: expect.objectContaining({ cluster: topology.leaves[0] }) }),
  );
});

test('names a leaf whose slow checks cannot be run at all', async () => {
  const topology = runs.topology();
  const lost = failingOn('vm-b', 'KUBE_OBJECT_REFUSED', 'not allowed');
  await runs.serve(topology, worldWith({ [AHEAD]: lost, 'check cluster': lost }, allOn('vm-a', 'vm-b')));

  expect(await (await runs.start(topology)).result()).toMatchObject({
    state: 'degraded',
    failedLeaves: [{ cluster: 'cluster-b', error: { code: 'KUBE_OBJECT_REFUSED' } }],
  });
});

test('fails when those of the hub cannot be run at all', async () => {
  const topology = runs.topology();
  const lost = failingOn('vm-a', 'KUBE_OBJECT_REFUSED', 'not allowed');
  await runs.serve(topology, worldWith({ [AHEAD]: lost, 'check cluster': lost }, allOn('vm-a', 'vm-b')));

  expect(await failureOfRun(await runs.start(topology))).toMatchObject({ type: 'KUBE_OBJECT_REFUSED' });
});

test('begins none of them for more than ten leaves', async () => {
  const topology = runs.topology({ leaves: manyLeaves(11) });
  const world = worldWith();
  await runs.serve(topology, world);

  expect(await (await runs.start(topology)).result()).toMatchObject({ state: 'done' });
  expect(world.inputsOf(AHEAD)).toEqual([]);
});
