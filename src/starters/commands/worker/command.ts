import type { Register } from '../../program/command.js';

export const addWorker: Register = (program, run) => {
  program
    .command('worker')
    .description('run a worker until Ctrl-C')
    .action(() => run(async (context) => (await import('./run.js')).worker(context)));

  program
    .command('stop')
    .description('stop the worker and the embedded Temporal server of this machine; runs continue after the next start')
    .action(() => run(async (context) => (await import('./stop.js')).stop(context)));
};
