import { Argument } from 'commander';
import type { Register } from '../../program/command.js';
import { choiceOf, wholeNumber, withTopologyOption, type NamedTopologyOptions } from '../../program/options.js';
import { WHAT, type What } from './what.js';
import type { LogsOptions } from './run.js';

const MAX_LINES = 10_000;

export const addLogs: Register = (program, run) => {
  withTopologyOption(program.command('logs').description('print what a program of the system has written'))
    .addArgument(new Argument('<what>', 'whose lines').choices(Object.keys(WHAT)))
    .option('--cluster <cluster>', 'only of this cluster')
    .option('-n, --lines <n>', 'lines of each program', wholeNumber(1, MAX_LINES), 100)
    .option('--follow', 'keep printing until Ctrl-C')
    .action((what: What, options: NamedTopologyOptions & Omit<LogsOptions, 'what'>) =>
      run(async (context) =>
        (await import('./run.js')).logs(context, choiceOf(options.topology, options), { ...options, what }),
      ),
    );
};
