import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { messages, failureOfRun, Runs, statusOf, statusWhere, untilState } from '../support/runs.js';
import { PLAN_DIGEST, worldOf, worldWith } from '../support/world.js';

const { approveSignal, rejectSignal } = messages;

let runs: Runs;
beforeAll(async () => {
  runs = await Runs.open();
});
afterEach(() => runs.endAndReplay());
afterAll(() => runs.close());

test('waits at a gated phase, says so, and goes on when it is approved', async () => {
  const topology = runs.topology({ approvals: ['pki', 'verify'] });
  const world = worldWith();
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  const waiting = await untilState(run, 'waiting');
  expect(waiting.waitingFor).toEqual({ phase: 'pki', since: expect.any(Number) });
  expect(waiting.phases.map((phase) => phase.state).slice(0, 2)).toEqual(['done', 'waiting']);
  expect(world.texts()).not.toContain('ensurePki');

  await run.signal(approveSignal, { phase: 'pki', by: 'ann@desk', planDigest: PLAN_DIGEST });
  await statusWhere(run, ({ waitingFor }) => waitingFor?.phase === 'verify');
  await run.signal(approveSignal, { phase: 'verify', by: 'ann@desk', note: 'looks right' });
  expect(await run.result()).toMatchObject({ state: 'done' });
  const { phases, ...ended } = await statusOf(run);
  expect(ended).toMatchObject({ state: 'done', refusals: [] });
  expect(phases.flatMap(({ name, approved }) => (approved === undefined ? [] : [[name, approved]]))).toEqual([
    ['pki', { by: 'ann@desk' }],
    ['verify', { by: 'ann@desk', note: 'looks right' }],
  ]);
  await runs.record(run, 'provision-approved.json');
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
  await runs.serve(topology, worldOf('verifyArtifacts', 'inspectHost', 'planRun'));
  const run = await runs.start(topology);
  await untilState(run, 'waiting');

  await run.signal(rejectSignal, { phase: 'pki', by: 'bob@desk', note: 'not on a Friday' });
  expect(await failureOfRun(run)).toMatchObject({
    type: 'APPROVAL_REJECTED',
    message: 'phase "pki" was rejected by bob@desk: not on a Friday',
  });
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
  expect((await failureOfRun(run)).message).toBe('phase "pki" was rejected by somebody: no reason given');
});

test.each<[behaviour: string, sent: unknown[], phase: string, by: string, because: RegExp]>([
  ['another phase', [{ phase: 'link', by: 'ann' }], 'link', 'ann', /"link" does not wait; "pki" does/],
  [
    'a plan that is not the current one',
    [{ phase: 'pki', by: 'ann', planDigest: '3f9c'.repeat(16) }],
    'pki',
    'ann',
    /the plan 3f9c3f9c is not the current plan 81aa81aa/,
  ],
  ['a digest that is no text', [{ phase: 'pki', planDigest: 7 }], 'pki', 'somebody', /the plan 7 is not the current/],
  ['nothing at all', [], '', 'somebody', /names no phase/],
  ['a text instead of an object', ['pki'], '', 'somebody', /names no phase/],
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
  expect(waiting.refusals).toEqual([{ phase: 'pki', by: 'early@desk', because: 'no phase waits for an approval' }]);
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
    { phase: 'pki', by: 'ann', because: 'phase "pki" is decided already' },
  ]);
});
