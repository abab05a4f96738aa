import type { Register } from '../../program/command.js';
import { choiceOf, topologyCommand, withJson, type TopologyOptions } from '../../program/options.js';
import type { BenchCommandOptions } from './run.js';

export const addBench: Register = (program, run) => {
  withJson(
    topologyCommand(program, 'bench', 'measure messages per second and round trips between a leaf and the broker'),
  )
    .option('--from <cluster>', 'the broker or a leaf; both directions are measured (default: the first leaf)')
    .option('--to <cluster>', 'the other end (default: the broker)')
    .option('--quick', 'with a tenth of the messages, for a first look')
    .action((name: string | undefined, options: TopologyOptions & BenchCommandOptions) =>
      run(async (context) => (await import('./run.js')).bench(context, choiceOf(name, options), options)),
    );
};
