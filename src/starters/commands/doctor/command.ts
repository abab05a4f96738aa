import type { Register } from '../../program/command.js';
import { choiceOf, topologyCommand, withJson, withOnly, type TopologyOptions } from '../../program/options.js';
import type { DoctorOptions } from './run.js';

export const addDoctor: Register = (program, run) => {
  withOnly(withJson(topologyCommand(program, 'doctor', 'look for the cause of what is wrong; change nothing')))
    .option('-v, --verbose', 'show every check, also those that hold')
    .option('--support <file>', 'also write what was seen, with events, logs and runs, to a file without keys')
    .option('--from <file>', 'read such a file instead, and ask no host')
    .action((name: string | undefined, options: TopologyOptions & DoctorOptions) =>
      run(async (context) => (await import('./run.js')).doctor(context, choiceOf(name, options), options)),
    );
};
