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
import { allOn, worldWith } from '../support/parts/world.js';

const { approveSignal, rejectSignal } = messages;

let runs: Runs;
beforeAll(async () => {
  runs = await Runs.open();
});
afterEach(() => runs.endAndReplay());
afterAll(() => runs.close());

test('waits at a gated phase, says so, and continues when it is approved', async () => {
  const topology = runs.topology({ approvals: ['pki', 'verify'] });
  const world = worldWith();
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  const { waitingFor, planDigest, phases } = await untilState(run, 'waiting');
  expect(waitingFor).toEqual({ phase: 'pki', since: expect.any(Number) });
  expect(phases.map(({ state }) => state)).toEqual(['done', 'waiting', ...Array<string>(4).fill('pending')]);
  expect(world.acts()).toEqual([]);

  await run.signal(approveSignal, { phase: 'pki', by: 'ann@desk', planDigest: planDigest ?? '' });
  await statusWhere(run, (status) => status.waitingFor?.phase === 'verify');
  expect(world.texts()).not.toContain('check cluster vm-a');
  await run.signal(approveSignal, { phase: 'verify', by: 'ann@desk', note: 'looks right' });
  expect(await run.result()).toMatchObject({ state: 'done' });
  const ended = await statusOf(run);
  expect(ended).toMatchObject({ state: 'done', refusals: [] });
  expect(ended.phases.flatMap(({ name, approved }) => (approved === undefined ? [] : [[name, approved]]))).toEqual([
    ['pki', { by: 'ann@desk' }],
    ['verify', { by: 'ann@desk', note: 'looks right' }],
  ]);
  await runs.record(run, 'provision-approved');
  await runs.record(runs.child(topology, 'cluster-b'), 'cluster-leaf-approved');
});

test.each(['clusters', 'messaging'] as const)(
  'holds the whole fleet before %s, and an opened phase stays open for leaves that start later',
  async (phase) => {
    const topology = runs.topology({
      leaves: manyLeaves(3),
      approvals: [phase],
      rollout: { concurrency: 1, canary: 0, maxFailures: '10%' },
    });
    const world = worldWith();
    await runs.serve(topology, world);
    const run = await runs.start(topology);
    await untilState(run, 'waiting');

    const held = { clusters: 'k3s', messaging: 'leaf-node' }[phase];
    expect(world.acts().filter((text) => text.startsWith(`ensure ${held} `))).toEqual([]);
    await run.signal(approveSignal, { phase });
    expect(await run.result()).toMatchObject({ state: 'done', leaves: { done: 3 } });
    expect((await statusOf(run)).refusals).toEqual([]);
  },
);

test('asks for phases in their order, whatever order the topology lists them in', async () => {
  const topology = runs.topology({ approvals: ['messaging', 'pki', 'clusters'] });
  await runs.serve(topology, worldWith());
  const run = await runs.start(topology);

  for (const phase of ['pki', 'clusters', 'messaging'] as const) {
    await statusWhere(run, ({ waitingFor }) => waitingFor?.phase === phase);
    await run.signal(approveSignal, { phase });
  }
  expect(await run.result()).toMatchObject({ state: 'done' });
});

test('does not ask for a phase in which nothing is to do', async () => {
  const topology = runs.topology({ approvals: ['pki', 'clusters', 'messaging'] });
  const inPlace = allOn('vm-a', 'vm-b').filter((place) => place !== 'vm-b leaf-node');
  await runs.serve(topology, worldWith({}, inPlace));
  const run = await runs.start(topology);

  expect((await untilState(run, 'waiting')).waitingFor?.phase).toBe('messaging');
  await run.signal(approveSignal, { phase: 'messaging' });
  expect(await run.result()).toMatchObject({ state: 'done' });
});

test('asks when nothing is left to do before the phase', async () => {
  const topology = runs.topology({ approvals: ['messaging'] });
  const broker = new Hold();
  await runs.serve(topology, worldWith({ 'ensure broker': broker.script }));
  const run = await runs.start(topology);
  await broker.entered;
  await statusWhere(runs.child(topology, 'cluster-b'), (status) => entriesIn(status, 'done').includes('link'));

  expect(await statusOf(run)).toMatchObject({ state: 'running' });
  broker.release();
  await untilState(run, 'waiting');
  await run.signal(approveSignal, { phase: 'messaging' });
  expect(await run.result()).toMatchObject({ state: 'done' });
});

test('ends a wait when the only leaf that needs the phase has ended', async () => {
  const topology = runs.topology({ approvals: ['messaging'] });
  const inPlace = allOn('vm-a', 'vm-b').filter((place) => place !== 'vm-b leaf-node');
  await runs.serve(topology, worldWith({}, inPlace));
  const run = await runs.start(topology);
  await untilState(run, 'waiting');

  await runs.child(topology, 'cluster-b').terminate('by an operator');
  expect(await run.result()).toMatchObject({ state: 'degraded', leaves: { failed: 1 } });
  const { waitingFor, phases } = await statusOf(run);
  expect([waitingFor, phases.find(({ name }) => name === 'messaging')?.state]).toEqual([undefined, 'skipped']);
});

test('takes plain JSON signals as the Web UI sends them', async () => {
  const topology = runs.topology({ approvals: ['clusters'] });
  await runs.serve(topology, worldWith());
  const run = await runs.start(topology);
  await untilState(run, 'waiting');

  await run.signal('approve', { phase: 'clusters' });
  expect(await run.result()).toMatchObject({ state: 'done' });
});

test('ends with the reason when a phase is rejected', async () => {
  const topology = runs.topology({ approvals: ['pki'] });
  const world = worldWith();
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  await untilState(run, 'waiting');

  await run.signal(rejectSignal, { phase: 'pki', by: 'bob@desk', note: 'not on a Friday' });
  expect(await failureOfRun(run)).toMatchObject({
    type: 'APPROVAL_REJECTED',
    message: 'phase "pki" was rejected by bob@desk: not on a Friday',
  });
  expect(world.acts()).toEqual([]);
  const ended = await statusOf(run);
  expect(ended.state).toBe('rejected');
  expect(ended.waitingFor).toBeUndefined();
  expect(ended.phases.map((phase) => phase.state).slice(1, 3)).toEqual(['failed', 'skipped']);
});

test('ends with a reason when a rejection has neither a name nor a note', async () => {
  const topology = runs.topology({ approvals: ['pki'] });
  await runs.serve(topology, worldWith());
  const run = await runs.start(topology);
  await untilState(run, 'waiting');

  await run.signal('reject', { phase: 'pki' });
  expect((await failureOfRun(run)).message).toBe('phase "pki" was rejected by an operator: no reason given');
});

test.each<[behaviour: string, sent: unknown[], phase: string, by: string, because: RegExp]>([
  ['another phase', [{ phase: 'link', by: 'ann' }], 'link', 'ann', /"link" is not waiting; "pki" is/],
  [
    'a plan that is not the current one',
    [{ phase: 'pki', by: 'ann', planDigest: '3f9c'.repeat(16) }],
    'pki',
    'ann',
    /the plan 3f9c3f9c is not the current plan [0-9a-f]{8}$/,
  ],
  [
    'a digest that is no text',
    [{ phase: 'pki', planDigest: 7 }],
    'pki',
    'an operator',
    /the plan 7 is not the current/,
  ],
  ['nothing at all', [], '', 'an operator', /names no phase/],
  ['a text instead of an object', ['pki'], '', 'an operator', /names no phase/],
])('refuses and records an approval of %s', async (_behaviour, sent, phase, by, because) => {
  const topology = runs.topology({ approvals: ['pki'] });
  await runs.serve(topology, worldWith());
  const run = await runs.start(topology);
  await untilState(run, 'waiting');

  await run.signal('approve', ...sent);
  const refused = await statusWhere(run, ({ refusals }) => refusals.length > 0);
  expect(refused.refusals).toEqual([{ phase, by, because: expect.stringMatching(because) }]);
  expect(refused.state).toBe('waiting');
  await run.signal('approve', { phase: 'pki' });
  expect(await run.result()).toMatchObject({ state: 'done' });
});

test('refuses and records an approval while nothing waits', async () => {
  const topology = runs.topology({ approvals: ['pki'] });
  const run = await runs.start(topology);
  await run.signal(approveSignal, { phase: 'pki', by: 'early@desk' });
  await runs.serve(topology, worldWith());

  const waiting = await untilState(run, 'waiting');
  expect(waiting.refusals).toEqual([
    { phase: 'pki', by: 'early@desk', because: 'no phase is waiting for an approval' },
  ]);
  await run.signal('approve', { phase: 'pki' });
  expect(await run.result()).toMatchObject({ state: 'done' });
});

test('keeps the first of two decisions that come together', async () => {
  const topology = runs.topology({ approvals: ['pki'] });
  const worker = await runs.serve(topology, worldWith());
  const run = await runs.start(topology);
  await untilState(run, 'waiting');
  await runs.stop(worker);

  await run.signal(rejectSignal, { phase: 'pki', by: 'bob', note: 'no' });
  await run.signal(approveSignal, { phase: 'pki', by: 'ann' });
  await runs.serve(topology, worldWith());
  expect(await failureOfRun(run)).toMatchObject({ type: 'APPROVAL_REJECTED' });
  expect((await statusOf(run)).refusals).toEqual([
    { phase: 'pki', by: 'ann', because: 'phase "pki" is already decided' },
  ]);
});
