import { Option } from 'commander';
import type { Register } from '../../program/command.js';
import { choiceOf, topologyCommand, wholeNumber, withJson, type TopologyOptions } from '../../program/options.js';
import { LEAF_STATES } from '../../watch/view.js';
import type { StatusOptions } from './run.js';

const MAX_PAGE = 1_000_000;

export const addStatus: Register = (program, run) => {
  withJson(topologyCommand(program, 'status', 'show the latest run of a topology'))
    .option('-w, --watch', 'keep showing it until it stops')
    .addOption(new Option('--state <state>', 'list only leaves in this state').choices(LEAF_STATES))
    .option('--page <n>', 'page of the list of leaves', wholeNumber(1, MAX_PAGE))
    .action((name: string | undefined, options: TopologyOptions & StatusOptions) =>
      run(async (context) => (await import('./run.js')).status(context, choiceOf(name, options), options)),
    );
};
