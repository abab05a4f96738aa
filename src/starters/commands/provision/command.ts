import type { Register } from '../../program/command.js';
import { systemCommand } from '../plan/command.js';
import type { ProvisionOptions } from './run.js';

export const addProvision: Register = (program, run) => {
  systemCommand(program, 'provision', 'build the topology; without -f on hosts that leafspan makes on this machine')
    .option('--plan', 'print the plan and stop; the same as the command plan')
    .option('-d, --detach', 'start the run and return')
    .action(({ plan, ...options }: ProvisionOptions & { plan?: boolean }) =>
      run(async (context) =>
        plan === true
          ? (await import('../plan/run.js')).plan(context, options)
          : (await import('./run.js')).provision(context, options),
      ),
    );
};
