import type { Register } from '../../program/command.js';
import { choiceOf, topologyCommand, withJson, withOnly, type TopologyOptions } from '../../program/options.js';
import type { VerifyOptions } from './run.js';

export const addVerify: Register = (program, run) => {
  withOnly(withJson(topologyCommand(program, 'verify', 'run every check; change nothing')))
    .option('--failed', 'show only the checks that fail')
    .action((name: string | undefined, options: TopologyOptions & VerifyOptions) =>
      run(async (context) => (await import('./run.js')).verify(context, choiceOf(name, options), options)),
    );
};
