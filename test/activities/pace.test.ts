import { expect, test } from '@jest/globals';
import { Pace } from '../../src/activities/pace.js';

test.each([
  { attempts: 1, due: [true, true, true, true] },
  { attempts: 20, due: [true, true, true, true] },
  { attempts: 40, due: [false, false, true, true] },
  { attempts: 400, due: [false, false, false, true] },
])('of $attempts attempts, one heartbeats at once, 1 s, 2 s and 5 s after its start: $due', ({ attempts, due }) => {
  const clock = { ms: 0 };
  const pace = new Pace(() => clock.ms);
  const turns = Array.from({ length: attempts }, () => pace.begin());
  const seen = [0, 1_000, 2_000, 5_000].map((ms) => {
    clock.ms = ms;
    return turns.at(-1)?.isDue();
  });
  expect(seen).toEqual(due);
});

test('attempts that have ended are not counted', () => {
  const pace = new Pace(() => 0);
  const last = Array.from({ length: 40 }, () => pace.begin()).reduce((before, turn) => {
    before.end();
    return turn;
  });
  expect(last.isDue()).toBe(true);
});
