#!/usr/bin/env node
import { load, prepare } from './bootstrap.js';

if (isSomewhere() && prepare()) {
  const { runProcess } = await load('starters/main');
  await runProcess();
}

/** Modules ask for the current directory as soon as they are loaded. */
function isSomewhere() {
  try {
    return process.cwd() !== '';
  } catch {
    process.stderr.write('the current directory is gone\nhint: cd to one that is there\n');
    process.exitCode = 1;
    return false;
  }
}
