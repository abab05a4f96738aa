import { Argument } from 'commander';
import type { Register } from '../../program/command.js';
import { SHELLS, type Shell } from './shells.js';

export const addCompletion: Register = (program, run) => {
  program
    .command('completion')
    .description('print the script by which a shell completes commands and options')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .action((shell: Shell) => run(async (context) => (await import('./run.js')).completion(context, program, shell)));
};
