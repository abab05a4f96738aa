import { getMaxListeners } from 'node:events';
import { expect, test } from '@jest/globals';
import { interruptible } from '../../src/starters/io.js';

const silent = { write: () => true };
const io = { stdout: silent, stderr: silent, env: {}, isTTY: false, cwd: '/', home: '/' };

test('any number of waits may listen to Ctrl-C, without a warning on the terminal', async () => {
  const limit = await interruptible(io, (signal) => Promise.resolve(getMaxListeners(signal)));
  expect(limit).toBe(Infinity);
});
