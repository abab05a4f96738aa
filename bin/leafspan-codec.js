#!/usr/bin/env node
// Decrypts for the Web UI of the embedded Temporal server, for as long as that runs. ensureEmbedded starts it.
import { loadCompiled, prepare } from './bootstrap.js';

if (prepare()) await loadCompiled('codec/main');
