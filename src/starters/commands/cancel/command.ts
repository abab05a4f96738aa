import type { Register } from '../../program/command.js';
import { choiceOf, topologyCommand, type TopologyOptions } from '../../program/options.js';

export const addCancel: Register = (program, run) => {
  topologyCommand(program, 'cancel', 'stop the provisioning run in progress; remove nothing').action(
    (name: string | undefined, options: TopologyOptions) =>
      run(async (context) => (await import('./run.js')).cancel(context, choiceOf(name, options))),
  );
};
