import { beforeAll, expect, test } from '@jest/globals';
import { readHistories } from '../support/histories.js';
import { bundleWorkflows, replayAll } from '../support/temporal.js';

/** Histories as they were recorded (`UPDATE_HISTORIES=1` rewrites them); a change of the order of commands shows here. */
const histories = readHistories();

let bundle: Awaited<ReturnType<typeof bundleWorkflows>>;
beforeAll(async () => {
  bundle = await bundleWorkflows();
});

test.each([
  ['cluster.json'],
  ['cluster-mesh.json'],
  ['provision-approved.json'],
  ['provision-mesh.json'],
  ['provision.json'],
  ['teardown.json'],
])('decides %s again as it did', async (file) => {
  const history = histories.get(file);
  expect(history?.events?.length).toBeGreaterThan(10);
  await expect(replayAll(bundle, new Map([[file, history ?? {}]]))).resolves.toBeUndefined();
});

test('tells a history that would now be decided otherwise', async () => {
  const otherwise = histories.get('teardown.json');
  const scheduled = otherwise?.events?.find((event) => event.activityTaskScheduledEventAttributes);
  Object.assign(scheduled?.activityTaskScheduledEventAttributes?.activityType ?? {}, { name: 'anotherActivity' });
  await expect(replayAll(bundle, new Map([['teardown.json', otherwise ?? {}]]))).rejects.toThrow(/teardown.json/);
});
