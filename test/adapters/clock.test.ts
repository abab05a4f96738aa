import { expect, test } from '@jest/globals';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';

const clock = new SystemClock();

test('sleeps for the time', async () => {
  const startedAt = clock.now();
  await clock.sleep(50, new AbortController().signal);
  expect(clock.now() - startedAt).toBeGreaterThanOrEqual(48);
});

test('an abort ends the sleep with the reason', async () => {
  const cancel = new AbortController();
  setTimeout(() => cancel.abort(new Error('cancelled by the test')), 20);
  await expect(clock.sleep(60_000, cancel.signal)).rejects.toThrow('cancelled by the test');
});
