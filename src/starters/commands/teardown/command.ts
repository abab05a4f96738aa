import type { Register } from '../../program/command.js';
import {
  choiceOf,
  topologyCommand,
  withDeleteData,
  withJson,
  withOnly,
  type TopologyOptions,
} from '../../program/options.js';
import type { TeardownOptions } from './run.js';

export const addTeardown: Register = (program, run) => {
  withDeleteData(
    withOnly(withJson(topologyCommand(program, 'teardown', 'remove everything that was provisioned from the hosts'))),
  )
    .option('--purge', "also delete the topology's keys and certificates")
    .option('--cancel-run', 'first cancel a run of the topology that is in progress')
    .option('-y, --yes', 'do not ask')
    .action((name: string | undefined, options: TopologyOptions & TeardownOptions) =>
      run(async (context) => (await import('./run.js')).teardown(context, choiceOf(name, options), options)),
    );
};
