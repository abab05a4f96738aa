import { homedir } from 'node:os';
import { readSettings } from '../../../src/starters/settings.js';
import { resolveTemporalCli } from '../../../src/starters/temporal/cli.js';

/** The real Temporal CLI, found or fetched as the product does it. */
export const temporalCli = (): Promise<string> =>
  resolveTemporalCli(readSettings({ env: process.env, home: homedir() }), () => undefined);
