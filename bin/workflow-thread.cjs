// Preloaded into every thread of a worker; a preload has to be CommonJS. The SDK compiles code twice and takes a stack
// trace each time a workflow makes a promise: half of all that a workflow's thread does, for the Web UI's tab "Call Stack"
// only. It has no setting for that.
'use strict';

const { isMainThread } = require('node:worker_threads');

if (!isMainThread && process.env.LEAFSPAN_LOG !== 'debug') {
  const { globalHandlers } = require('@temporalio/worker/lib/workflow/vm-shared.js');
  globalHandlers.setPromiseHook = () => undefined;
}
