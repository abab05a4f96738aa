import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { messages, failureOfRun, Runs, statusOf, statusWhere, untilState } from '../support/runs.js';
import { failureAt, healthy, Hold, worldWith } from '../support/world.js';

const { pauseSignal, resumeSignal } = messages;

let runs: Runs;
beforeAll(async () => {
  runs = await Runs.open();
});
afterEach(() => runs.endAndReplay());
afterAll(() => runs.close());

test('starts no further step while it is paused, in the run and in its children', async () => {
  const topology = runs.topology();
  const hold = new Hold();
  const world = worldWith({ ensureK3s: (input) => hold.wait().then(() => healthy.ensureK3s(input)) });
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  await hold.entered;

  await run.signal(pauseSignal);
  const children = [runs.child(topology, 'cluster-a'), runs.child(topology, 'cluster-b')];
  await untilState(run, 'paused');
  await Promise.all(children.map((child) => untilState(child, 'paused')));
  hold.release();
  await Promise.all(
    children.map((child) =>
      statusWhere(child, ({ phases }) => phases[0]?.steps.every((step) => step.state === 'done') === true),
    ),
  );
  expect(world.texts().filter((text) => text.startsWith('awaitK3s'))).toEqual([]);

  await run.signal(resumeSignal);
  expect(await run.result()).toMatchObject({ state: 'done' });
  expect((await statusOf(run)).state).toBe('done');
});

test('stays paused when it is approved during a pause', async () => {
  const topology = runs.topology({ approvals: ['pki'] });
  await runs.serve(topology, worldWith());
  const run = await runs.start(topology);
  await untilState(run, 'waiting');

  await run.signal(pauseSignal);
  await run.signal('approve', { phase: 'pki' });
  expect((await untilState(run, 'paused')).phases.find(({ name }) => name === 'pki')?.steps).toEqual([]);
  await run.signal(resumeSignal);
  expect(await run.result()).toMatchObject({ state: 'done' });
});

test('goes on with another worker when the first one is shut down in the middle', async () => {
  const topology = runs.topology();
  const [hold, afterwards] = [new Hold(), worldWith()];
  const first = await runs.serve(topology, worldWith({ ensureBroker: () => hold.wait() as never }));
  const run = await runs.start(topology);
  await hold.entered;

  await runs.stop(first);
  expect(hold.ended).toBe(true);
  await runs.serve(topology, afterwards);
  expect(await run.result()).toMatchObject({ state: 'done', failedLeaves: [] });
  expect(afterwards.texts()).toEqual([
    'ensureBroker vm-a',
    'reloadBroker vm-a',
    'cutOffLeaves vm-a',
    'ensureExternalPorts vm-a',
    ...['ensureLeafNode vm-b', 'ensurePublisher vm-a', 'ensureSubscriber vm-b'].map(() => expect.any(String)),
    'runChecks',
  ]);
  const started = (await run.fetchHistory()).events?.flatMap(
    (event) => event.activityTaskStartedEventAttributes?.attempt ?? [],
  );
  expect(started?.filter((attempt) => attempt === 2)).toHaveLength(1);
});

test('ends as cancelled only when the running activity has ended', async () => {
  const topology = runs.topology();
  const hold = new Hold();
  const world = worldWith({ ensureBroker: () => hold.wait() as never });
  await runs.serve(topology, world);
  const run = await runs.start(topology);
  await hold.entered;

  await run.cancel();
  expect(await failureOfRun(run)).toMatchObject({ name: 'CancelledFailure' });
  expect(hold.ended).toBe(true);
  expect(world.texts()).not.toContain('ensureExternalPorts vm-a');
});

test('does not take a cancelled leaf for one that dropped out', async () => {
  const topology = runs.topology();
  const hold = new Hold();
  await runs.serve(topology, worldWith({ ensureLeafNode: () => hold.wait() as never }));
  const run = await runs.start(topology);
  await hold.entered;

  await run.cancel();
  expect(await failureOfRun(run)).toMatchObject({ name: 'CancelledFailure' });
  expect(hold.ended).toBe(true);
  const { failedLeaves, phases } = await statusOf(run);
  expect(failedLeaves).toEqual([]);
  expect(phases.find(({ name }) => name === 'verify')?.state).toBe('skipped');
});

test('waits for a leaf in work when the broker fails, and hands the failure of the broker on', async () => {
  const topology = runs.topology();
  const hold = new Hold();
  await runs.serve(
    topology,
    worldWith({
      ensurePublisher: async () => {
        await hold.entered;
        throw failureAt({ name: 'vm-a' }, 'SECRET_MISSING', 'no certificate');
      },
      ensureLeafNode: () => hold.wait() as never,
    }),
  );
  const run = await runs.start(topology);

  expect(await failureOfRun(run)).toMatchObject({ type: 'SECRET_MISSING' });
  expect(hold.ended).toBe(true);
});
