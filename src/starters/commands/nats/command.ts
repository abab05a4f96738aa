import type { Register } from '../../program/command.js';
import { choiceOf, withTopologyOption, type NamedTopologyOptions } from '../../program/options.js';

export const addNats: Register = (program, run) => {
  withTopologyOption(
    program
      .command('nats <cluster> [args...]')
      .description("run the nats CLI on this machine as a user of a cluster's NATS server"),
  )
    .option('-u, --user <user>', 'a user of nats.accounts, such as ORDERS/audit; or publisher, subscriber or sys')
    .action((cluster: string, args: string[], options: NamedTopologyOptions & { user?: string }) =>
      run(async (context) =>
        (await import('./run.js')).nats(context, choiceOf(options.topology, options), { ...options, cluster, args }),
      ),
    );
};
