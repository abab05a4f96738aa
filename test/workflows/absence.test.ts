import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { guarded } from '../../src/activities/activity.js';
import { ProvisionError } from '../../src/contract/errors.js';
import { first, onHost, worldWith } from '../support/parts/world.js';
import { messages, Runs, statusOf, untilState } from '../support/temporal/runs.js';
import type { History } from '../support/temporal/histories.js';

const { approveSignal } = messages;

let runs: Runs;
beforeAll(async () => {
  runs = await Runs.open();
});
afterEach(() => runs.endAndReplay());
afterAll(() => runs.close());

/** Everything in a history that counts the time of the clock, whether a worker runs or not. */
const clocksIn = (histories: Map<string, History>): string[] =>
  [...histories.values()].flatMap(({ events }) =>
    (events ?? []).flatMap((event) => {
      const activity = event.activityTaskScheduledEventAttributes;
      const workflow = event.workflowExecutionStartedEventAttributes;
      const limits = {
        [`scheduleToClose of ${activity?.activityType?.name ?? ''}`]: activity?.scheduleToCloseTimeout,
        [`execution of ${workflow?.workflowType?.name ?? ''}`]: workflow?.workflowExecutionTimeout,
        [`run of ${workflow?.workflowType?.name ?? ''}`]: workflow?.workflowRunTimeout,
      };
      const set = Object.entries(limits).filter(([, limit]) => Number(limit?.seconds ?? 0) > 0);
      return [...set.map(([name]) => name), ...(event.timerStartedEventAttributes ? ['timer'] : [])];
    }),
  );

test('no run counts the time while no worker is there, so it continues after an hour or after three days', async () => {
  const topology = runs.topology({ approvals: ['pki', 'verify'] });
  const worker = await runs.serve(topology, worldWith());
  const run = await runs.start(topology);
  await untilState(run, 'waiting');
  await runs.stop(worker);

  await runs.serve(topology, worldWith());
  await run.signal(approveSignal, { phase: 'pki' });
  await untilState(run, 'waiting');
  await run.signal(approveSignal, { phase: 'verify' });
  expect(await run.result()).toMatchObject({ state: 'done' });
  const removal = await runs.startTeardown(topology);
  expect(await removal.result()).toMatchObject({ state: 'done' });
  expect(clocksIn(await runs.historiesOf(run))).toEqual([]);
  expect(clocksIn(await runs.historiesOf(removal))).toEqual([]);
});

test('what attempts have done reaches the next one, and the status counts it', async () => {
  const topology = runs.topology();
  const step = { verb: 'create', object: 'unit k3s.service', because: 'it is not there' } as const;
  const begins = guarded((_input: unknown, { begin }) => {
    begin([step]);
    return Promise.reject(new ProvisionError('K3S_NOT_READY', 'it is activating'));
  });
  const finds = guarded((_input: unknown, { begin }) => Promise.resolve({ steps: begin([]) }));
  const world = worldWith({ 'ensure k3s': onHost('vm-b', first(begins, finds)) });
  await runs.serve(topology, world);
  const run = await runs.start(topology);

  expect(await run.result()).toMatchObject({ state: 'done' });
  const { phases } = await statusOf(runs.child(topology, 'cluster-b'));
  const entries = phases.flatMap(({ entries: all }) => all);
  expect(entries.find(({ id }) => id === 'k3s')).toMatchObject({ state: 'done', changed: 1 });
});
