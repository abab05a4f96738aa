import type { Register } from '../../program/command.js';
import { choiceOf, topologyCommand, type TopologyOptions } from '../../program/options.js';
import type { ApproveOptions } from './approve.js';

/** `approve` and `reject`. */
export const addDecisions: Register = (program, run) => {
  topologyCommand(program, 'approve <phase>', 'show the plan, ask, and let a waiting phase start')
    .option('-n, --note <text>', 'kept in the history of the run')
    .option('-y, --yes', 'do not ask')
    .option('--plan <digest>', 'only if this is the plan: its digest, or the eight digits that `plan` shows')
    .action((phase: string, name: string | undefined, options: TopologyOptions & Omit<ApproveOptions, 'phase'>) =>
      run(async (context) =>
        (await import('./approve.js')).approve(context, choiceOf(name, options), { phase, ...options }),
      ),
    );

  topologyCommand(program, 'reject <phase>', 'stop a run at a waiting phase')
    .requiredOption('-n, --note <text>', 'why; kept in the history of the run')
    .action((phase: string, name: string | undefined, options: TopologyOptions & { note: string }) =>
      run(async (context) =>
        (await import('./reject.js')).reject(context, choiceOf(name, options), { phase, ...options }),
      ),
    );
};
