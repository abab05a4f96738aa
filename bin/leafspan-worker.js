#!/usr/bin/env node
// The worker's own process. `leafspan worker` and every command that needs a worker start it.
import { loadCompiled, prepare } from './bootstrap.js';

if (prepare()) await loadCompiled('workers/main');
