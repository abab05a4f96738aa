import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const THREAD = `
  const { globalHandlers } = require('@temporalio/worker/lib/workflow/vm-shared.js');
  const { ReusableVMWorkflowCreator } = require('@temporalio/worker/lib/workflow/reusable-vm.js');
  const code = 'globalThis.__webpack_module_cache__';
  const bundle = { code, filename: 'x.js', sourceMap: { version: 3, sources: [], names: [], mappings: '' } };
  class Creator {
    constructor(script, given, timeout) {
      console.log(given.filename, timeout, globalHandlers.installed, globalHandlers.promiseHookInstalled);
    }
  }
  ReusableVMWorkflowCreator.create.call(Creator, bundle, 1_000, new Set());
`;
const PROGRAM = `new (require('node:worker_threads').Worker)(${JSON.stringify(THREAD)}, { eval: true })`;

test.each([
  { log: '', printed: 'x.js undefined true false\n' },
  { log: 'debug', printed: 'x.js 1000 true true\n' },
])('workflows have time limits and stack traces only for debugging: LEAFSPAN_LOG="$log"', ({ log, printed }) => {
  const env = { ...process.env, NODE_OPTIONS: '', LEAFSPAN_LOG: log };
  const worker = spawnSync(process.execPath, ['--require', './bin/workflow-thread.cjs', '-e', PROGRAM], {
    cwd: ROOT,
    env,
    encoding: 'utf8',
  });
  expect(worker.stdout + worker.stderr).toBe(printed);
});
