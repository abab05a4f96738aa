import type { Register } from '../../program/command.js';

export const addUi: Register = (program, run) => {
  program
    .command('ui')
    .description("open Temporal's Web UI, or print its address where there is no browser")
    .action(() => run(async (context) => (await import('./run.js')).ui(context)));
};
