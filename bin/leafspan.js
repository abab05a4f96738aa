#!/usr/bin/env node
import { load, prepare } from './bootstrap.js';

if (prepare()) {
  const { runProcess } = await load('starters/main');
  await runProcess();
}
