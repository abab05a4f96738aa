import type { Register } from '../../program/command.js';

const UNIT = {
  description: 'leafspan worker',
  words: ['worker'],
  service: `Restart=always
RestartSec=5
# Activities that run are let finish; what is left continues after the next start.
TimeoutStopSec=30`,
  wantedBy: 'multi-user.target',
};

export const addWorker: Register = (program, run) => {
  program
    .command('worker')
    .description('run a worker until Ctrl-C')
    .option('--print-unit', 'print a unit of systemd that keeps the worker running, and start nothing')
    .action(({ printUnit }: { printUnit?: true }) =>
      run(async (context) =>
        printUnit === true
          ? (await import('../../program/unit.js')).printUnit(context, UNIT)
          : (await import('./run.js')).worker(context),
      ),
    );

  program
    .command('stop')
    .description('stop the worker and the embedded Temporal server of this machine; runs continue after the next start')
    .action(() => run(async (context) => (await import('./stop.js')).stop(context)));
};
