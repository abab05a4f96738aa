import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { provisionWorkflowId, teardownWorkflowId } from '../../src/contract/names.js';
import { giveWay } from '../../src/starters/runs/open-run.js';
import { failureOf } from '../support/errors.js';
import { startTemporal, type TestTemporal } from '../support/temporal/temporal.js';

let temporal: TestTemporal;
let client: TestTemporal['env']['client'];
beforeAll(async () => {
  temporal = await startTemporal();
  ({ client } = temporal.env);
});
afterAll(() => temporal.close());

const IDS = { provision: provisionWorkflowId, teardown: teardownWorkflowId };
type Verb = keyof typeof IDS;

/** Runs without a worker: they stay as they are. The server's clock tells them apart. */
async function started(topology: string, ...verbs: Verb[]): Promise<void> {
  for (const verb of verbs) {
    await client.workflow.start('Idle', { workflowId: IDS[verb](topology), taskQueue: 'nobody' });
    await sleep(20);
  }
}

async function isToBeCancelled(topology: string, verb: Verb): Promise<boolean> {
  const { events } = await client.workflow.getHandle(IDS[verb](topology)).fetchHistory();
  return (events ?? []).some((event) => event.workflowExecutionCancelRequestedEventAttributes !== null);
}

test.each<[first: Verb, second: Verb]>([
  ['provision', 'teardown'],
  ['teardown', 'provision'],
])(
  'of two commands that did not see each other %s stays and %s, which came later, gives way',
  async (first, second) => {
    const topology = `plant-${first}`;
    await started(topology, first, second);
    expect(await failureOf(giveWay({ client }, topology, first))).toMatchObject({ code: 'RUN_IN_PROGRESS' });
    await expect(giveWay({ client }, topology, second)).resolves.toBeUndefined();
    expect([await isToBeCancelled(topology, first), await isToBeCancelled(topology, second)]).toEqual([false, true]);
  },
);

test('a command that is alone gives way to nobody', async () => {
  await started('plant-alone', 'provision');
  await expect(giveWay({ client }, 'plant-alone', 'teardown')).resolves.toBeUndefined();
  expect(await isToBeCancelled('plant-alone', 'provision')).toBe(false);
});
