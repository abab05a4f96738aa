import { expect, test } from '@jest/globals';
import { readDecision } from '../../src/workflows/run/decision.js';

test('names and notes of a decision cannot steer a terminal, and end somewhere', () => {
  const sent = { phase: 'link', by: 'ada\u001b[2J', note: `\u009b2Jall is well${'!'.repeat(10_000)}` };
  expect(readDecision(sent)).toEqual({
    phase: 'link',
    by: 'ada\\u001b[2J',
    note: expect.stringMatching(/^\\u009b2Jall is well!{100,500}…$/) as unknown,
  });
});

test.each([undefined, null, 'link', 7, {}, { phase: 7 }, []])('%j decides nothing', (sent) => {
  expect(readDecision(sent)).toBeUndefined();
});
