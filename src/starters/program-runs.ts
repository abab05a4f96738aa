import type { Command } from 'commander';
import type { ProvisionOptions } from './commands/provision.js';
import type { TeardownOptions } from './commands/teardown.js';
import { choiceOf, topologyCommand, wholeNumber, withFile, withJson, type TopologyOptions } from './options.js';
import type { Run } from './program.js';

/** Commands that start, watch or decide about a run. */
export function addRunCommands(program: Command, run: Run): void {
  addProvision(program, run);
  addDecisions(program, run);

  withJson(topologyCommand(program, 'status', 'show the run of a topology'))
    .option('-w, --watch', 'keep showing it until it ends')
    .action((name: string | undefined, options: TopologyOptions & { watch?: boolean }) =>
      run(async (context) => (await import('./commands/status.js')).status(context, choiceOf(name, options), options)),
    );

  withJson(topologyCommand(program, 'verify', 'run every check again; change nothing')).action(
    (name: string | undefined, options: TopologyOptions) =>
      run(async (context) => (await import('./commands/verify.js')).verify(context, choiceOf(name, options), options)),
  );

  withJson(topologyCommand(program, 'teardown', 'remove all that was provisioned from the hosts'))
    .option('--purge', "also delete the topology's keys and certificates")
    .option('--cancel-run', 'cancel a run of the topology that is in progress')
    .option('-y, --yes', 'do not ask')
    .action((name: string | undefined, options: TopologyOptions & TeardownOptions) =>
      run(async (context) =>
        (await import('./commands/teardown.js')).teardown(context, choiceOf(name, options), options),
      ),
    );
}

function addProvision(program: Command, run: Run): void {
  const provisionLike = (name: string, description: string): Command =>
    withJson(withFile(program.command(name).description(description)))
      .option('--hosts <n>', 'without -f: hosts of the lab', wholeNumber(2, 26), 2)
      .option('--trust-on-first-use', 'trust and record the keys of hosts without a pinned one')
      .option('-y, --yes', 'without -f: install what the lab needs without asking')
      .option('--no-install', 'without -f: install nothing for the lab');

  provisionLike('provision', 'build the topology; without -f on hosts that leafspan makes on this machine')
    .option('--plan', 'stop after the plan; change nothing')
    .option('-d, --detach', 'start the run and return')
    .action((options: ProvisionOptions) =>
      run(async (context) => (await import('./commands/provision.js')).provision(context, options)),
    );

  provisionLike('plan', 'look at every host and print what would change').action((options: ProvisionOptions) =>
    run(async (context) => (await import('./commands/provision.js')).provision(context, { ...options, plan: true })),
  );
}

function addDecisions(program: Command, run: Run): void {
  for (const verb of ['approve', 'reject'] as const) {
    const what = verb === 'approve' ? 'let a phase start that waits for it' : 'end a run at a phase that waits';
    const command = topologyCommand(program, `${verb} <phase>`, what);
    if (verb === 'approve') command.option('-n, --note <text>', 'kept in the history of the run');
    else command.requiredOption('-n, --note <text>', 'why; kept in the history of the run');
    command.action((phase: string, name: string | undefined, options: TopologyOptions & { note?: string }) =>
      run(async (context) =>
        (await import('./commands/decide.js')).decide(context, choiceOf(name, options), { verb, phase, ...options }),
      ),
    );
  }
}
