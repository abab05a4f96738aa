import { expect, test } from '@jest/globals';
import { unexpected } from '../../scripts/fleet/measure/expectations.js';
import { runFleet } from '../../scripts/fleet/fleet.js';
import { readOptions } from '../../scripts/fleet/options.js';

/** Three runs, a Temporal server and a worker. */
const PATIENCE_MS = 600_000;

test.each(['direct', 'mesh'])(
  'a modelled fleet in mode %s is provisioned but for the leaf that cannot be, and a leaf joins it',
  async (mode) => {
    const args = ['--leaves', '3', '--fail', '1', '--join', '--mode', mode, '--scale', '0.05'];
    const figures = await runFleet(readOptions(args), () => undefined);
    expect(unexpected(figures)).toEqual([]);
    expect(figures.world?.unmodelled).toEqual([]);
    expect(figures.first.result.leaves).toMatchObject({ total: 2, done: 1, failed: 1 });
    expect(figures.second.result.leaves).toMatchObject({ total: 2, unchanged: 1, failed: 1 });
    expect(figures.joined?.result.leaves).toMatchObject({ total: 3, done: 1, unchanged: 1, failed: 1 });
  },
  PATIENCE_MS,
);

test('an option that cannot be is told', () => {
  expect(() => readOptions(['--leaves', 'many'])).toThrow('--leaves takes a number from 1 to 1000, not "many"');
  expect(() => readOptions(['--leaves', '3', '--fail', '4'])).toThrow('--fail takes a number from 0 to 3, not "4"');
});
