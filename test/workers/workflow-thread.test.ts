import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const THREAD = `
  const { globalHandlers } = require('@temporalio/worker/lib/workflow/vm-shared.js');
  globalHandlers.install();
  console.log(globalHandlers.installed, globalHandlers.promiseHookInstalled);
`;
const PROGRAM = `new (require('node:worker_threads').Worker)(${JSON.stringify(THREAD)}, { eval: true })`;

test.each([
  { log: '', printed: 'true false\n' },
  { log: 'debug', printed: 'true true\n' },
])('workflows take stack traces of their promises only for debugging: LEAFSPAN_LOG="$log"', ({ log, printed }) => {
  const env = { ...process.env, NODE_OPTIONS: '', LEAFSPAN_LOG: log };
  const worker = spawnSync(process.execPath, ['--require', './bin/workflow-thread.cjs', '-e', PROGRAM], {
    cwd: ROOT,
    env,
    encoding: 'utf8',
  });
  expect(worker.stdout + worker.stderr).toBe(printed);
});
