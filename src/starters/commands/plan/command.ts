import type { Command } from 'commander';
import type { Register } from '../../program/command.js';
import { wholeNumber, withDeleteData, withFile, withJson, withOnly } from '../../program/options.js';
import type { SystemOptions } from './prepare.js';

export const addPlan: Register = (program, run) => {
  systemCommand(program, 'plan', 'look at every host and print every step that provision would take').action(
    (options: SystemOptions) => run(async (context) => (await import('./run.js')).plan(context, options)),
  );
};

/** A command on a topology file; without one, on the lab of this machine, which is made when it is missing. */
export const systemCommand = (parent: Command, name: string, description: string): Command =>
  withDeleteData(withOnly(withJson(withFile(parent.command(name).description(description)))))
    .option('--hosts <n>', 'without -f: hosts of the lab', wholeNumber(2, 26), 2)
    .option('--trust-on-first-use', 'trust and record the keys of hosts without a pinned one')
    .option('-y, --yes', 'without -f: install what the lab needs without asking')
    .option('--no-install', 'without -f: install nothing for the lab');
