import type { Register } from '../../program/command.js';
import { choiceOf, withTopologyOption, type NamedTopologyOptions } from '../../program/options.js';

export const addKubectl: Register = (program, run) => {
  withTopologyOption(
    program.command('kubectl <cluster> [args...]').description('run kubectl on this machine against a cluster'),
  ).action((cluster: string, args: string[], options: NamedTopologyOptions) =>
    run(async (context) =>
      (await import('./run.js')).kubectl(context, choiceOf(options.topology, options), { cluster, args }),
    ),
  );
};
