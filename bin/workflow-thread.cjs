// Preloaded into every thread of a worker; a preload has to be CommonJS. The SDK has no setting for either of two things
// that take three quarters of the time of a replay.
'use strict';

const { isMainThread } = require('node:worker_threads');

if (!isMainThread && process.env.LEAFSPAN_LOG !== 'debug') {
  const { globalHandlers } = require('@temporalio/worker/lib/workflow/vm-shared.js');
  const { ReusableVMWorkflowCreator } = require('@temporalio/worker/lib/workflow/reusable-vm.js');
  // For each promise it compiles code twice and takes a stack trace, for the Web UI's tab "Call Stack" only.
  globalHandlers.setPromiseHook = () => undefined;
  // For each call into a workflow Node starts a thread that would cut it off, which ends the whole worker.
  const { create } = ReusableVMWorkflowCreator;
  ReusableVMWorkflowCreator.create = function (bundle, _timeout, ...more) {
    return create.call(this, bundle, undefined, ...more);
  };
}
