import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Topology } from '../../../src/contract/topology/topology.js';
import { Hold } from '../../support/temporal/hold.js';
import { messages, Runs, statusOf, statusWhere, untilState } from '../../support/temporal/runs.js';
import { manyLeaves } from '../../support/topologies.js';
import { allOn, checkThat, failingOn, onHost, worldWith } from '../../support/parts/world.js';

const { approveSignal, pauseSignal, resumeSignal } = messages;

/** The server suggests to continue as new after so many events, so each execution works on one or two leaves. */
const EVENTS = 20;

let runs: Runs;
beforeAll(async () => {
  runs = await Runs.open(['--dynamic-config-value', `limit.historyCount.suggestContinueAsNew=${EVENTS}`]);
});
afterEach(() => runs.endAndReplay());
afterAll(() => runs.close());

const oneByOne = (leaves: number, changes: Partial<Topology> = {}): Topology =>
  runs.topology({
    leaves: manyLeaves(leaves),
    rollout: { concurrency: 1, canary: 1, maxFailures: '50%' },
    ...changes,
  });

test('continues as new when its history is long, and ends with the result of the whole', async () => {
  const topology = oneByOne(6);
  const world = worldWith(
    {
      'ensure k3s': failingOn('host-2', 'KUBE_OBJECT_REFUSED', 'not allowed'),
      'check cluster': onHost('host-1', () => Promise.resolve({ results: [checkThat('fail', 'error', 'leaf-1')] })),
    },
    allOn('host-6'),
  );
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  expect(await run.result()).toEqual({
    state: 'degraded',
    planDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    changed: { create: 5 + 4 * 4, change: 0, delete: 0 },
    leaves: { total: 6, pending: 0, running: 0, done: 4, failed: 1, unchanged: 1, skipped: 0 },
    failedLeaves: [
      { cluster: 'leaf-2', state: 'failed', error: expect.objectContaining({ message: 'host-2: not allowed' }) },
    ],
    checks: { passed: 5, failed: 1, warned: 0, skipped: 0 },
    failedChecks: [checkThat('fail', 'error', 'leaf-1')],
  });
  const executions = await runs.executionsOf(run);
  expect(executions.length).toBeGreaterThan(1);
  await runs.record(executions[0] ?? run, 'provision-continued-1');
  await runs.record(executions[1] ?? run, 'provision-continued-2');
});

test('keeps the status, the search attributes and the children over its continuations', async () => {
  const topology = oneByOne(5);
  await runs.serve(topology, worldWith({ 'ensure k3s': failingOn('host-1', 'KUBE_OBJECT_REFUSED', 'not allowed') }));
  const run = await runs.start(topology);
  const { planDigest } = await run.result();

  const status = await statusOf(run);
  expect(status).toMatchObject({
    state: 'degraded',
    planDigest,
    planCounts: { create: 25, change: 0, delete: 0 },
    planWorkflowId: `provision-${topology.name}/.plan`,
    children: ['cluster-a', 'leaf-1'].map((name) => `provision-${topology.name}/${name}`),
    leaves: { total: 5, done: 4, failed: 1 },
    failedLeaves: [{ cluster: 'leaf-1' }],
    checks: { passed: 5, failed: 0 },
  });
  expect(status.phases.map(({ name, state }) => [name, state])).toEqual(
    ['preflight', 'pki', 'clusters', 'link', 'messaging', 'verify'].map((name) => [name, 'done']),
  );
  expect(status.phases[0]).toMatchObject({ entries: [{ id: 'plan', state: 'done' }] });
  const { typedSearchAttributes } = await run.describe();
  expect(typedSearchAttributes.getAll()).toContainEqual(
    expect.objectContaining({ key: expect.objectContaining({ name: 'LeafspanState' }), value: 'degraded' }),
  );
  for (const execution of (await runs.executionsOf(run)).slice(0, -1))
    expect((await statusOf(execution)).state).toBe('running');
});

test('proves a hub without changes at the end of its last execution', async () => {
  const topology = oneByOne(5);
  const world = worldWith({}, allOn('vm-a'));
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  expect(await run.result()).toMatchObject({ state: 'done', leaves: { done: 5 }, checks: { passed: 6 } });
  expect((await runs.executionsOf(run)).length).toBeGreaterThan(1);
  expect(world.texts().filter((text) => text === 'check cluster vm-a')).toHaveLength(1);
});

test('keeps what was approved, by whom, and what was refused', async () => {
  const topology = oneByOne(4, { approvals: ['pki', 'verify'] });
  const world = worldWith();
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  await untilState(run, 'waiting');
  await run.signal(approveSignal, { phase: 'link', by: 'bob' });
  await run.signal(approveSignal, { phase: 'pki', by: 'ann', note: 'looks right' });
  await statusWhere(run, ({ waitingFor }) => waitingFor?.phase === 'verify');
  await run.signal(approveSignal, { phase: 'verify', by: 'eve' });

  expect(await run.result()).toMatchObject({ state: 'done', leaves: { done: 4 } });
  expect((await runs.executionsOf(run)).length).toBeGreaterThan(1);
  const { phases, refusals } = await statusOf(run);
  expect(phases.flatMap(({ approved }) => approved ?? [])).toEqual([{ by: 'ann', note: 'looks right' }, { by: 'eve' }]);
  expect(refusals).toEqual([{ phase: 'link', by: 'bob', because: expect.stringContaining('is not waiting') }]);
});

test('asks for a phase that is first needed after it has continued', async () => {
  const topology = oneByOne(5, { approvals: ['messaging'] });
  const late = allOn('host-1', 'host-2', 'host-3', 'host-4').filter((place) => place.endsWith('leaf-node'));
  const world = worldWith({}, [...allOn('vm-a'), ...late]);
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  await untilState(run, 'waiting');
  expect((await runs.executionsOf(run)).length).toBeGreaterThan(1);
  expect(world.acts()).not.toContain('ensure leaf-node host-5');
  await run.signal(approveSignal, { phase: 'messaging', by: 'ann' });
  expect(await run.result()).toMatchObject({ state: 'done', leaves: { done: 5 } });
});

test('does not act on a leaf whose plan changed while others were at work', async () => {
  const topology = oneByOne(5, { approvals: ['pki'] });
  const world = worldWith({}, allOn('vm-a'));
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  await untilState(run, 'waiting');
  world.change('host-5 k3s');
  await run.signal(approveSignal, { phase: 'pki' });

  expect(await run.result()).toMatchObject({
    state: 'degraded',
    leaves: { done: 4, failed: 1 },
    failedLeaves: [{ cluster: 'leaf-5', error: { code: 'PLAN_CHANGED' } }],
  });
  expect(world.acts().filter((text) => text.endsWith('host-5'))).toEqual([]);
});

test('takes the signals that arrive while no worker runs', async () => {
  const topology = oneByOne(4);
  const proof = new Hold();
  const worker = await runs.serve(
    topology,
    worldWith({ 'check cluster': onHost('host-2', proof.script) }, allOn('vm-a')),
  );
  const run = await runs.start(topology);
  await proof.entered;
  await runs.stop(worker);

  await run.signal(pauseSignal);
  await runs.serve(topology, worldWith());
  const paused = await statusWhere(run, ({ state, leaves }) => state === 'paused' && leaves?.done === 2);
  expect(paused.leaves).toMatchObject({ running: 0, pending: 2 });
  await run.signal(resumeSignal);
  expect(await run.result()).toMatchObject({ state: 'done', leaves: { done: 4 } });
});

test('takes many leaves out in several executions, the hub in the last one', async () => {
  const topology = oneByOne(6);
  const world = worldWith({ 'remove k3s': failingOn('host-2', 'KUBE_OBJECT_REFUSED', 'not allowed') });
  await runs.serve(topology, world);
  const run = await runs.startTeardown(topology, { purge: true });

  expect(await run.result()).toEqual({
    state: 'degraded',
    removed: 5 * 2 + 2,
    leaves: { total: 6, pending: 0, running: 0, done: 5, failed: 1, unchanged: 0, skipped: 0 },
    unreached: [{ cluster: 'leaf-2', error: expect.objectContaining({ message: 'host-2: not allowed' }) }],
    keys: 'kept',
  });
  expect((await runs.executionsOf(run)).length).toBeGreaterThan(1);
  expect(world.acts().slice(-2)).toEqual(['remove broker vm-a', 'remove k3s vm-a']);
  expect(await statusOf(run)).toMatchObject({
    state: 'degraded',
    phases: [
      { name: 'leaves', state: 'done' },
      { name: 'hub', state: 'done' },
      { name: 'keys', state: 'skipped' },
    ],
  });
});
