import type { Register } from '../../program/command.js';
import { choiceOf, topologyCommand, type TopologyOptions } from '../../program/options.js';

const WHAT = {
  pause: 'start no further step of the run in progress; what runs now finishes',
  resume: 'let a paused run continue',
} as const;

export const addPause: Register = (program, run) => {
  for (const verb of ['pause', 'resume'] as const)
    topologyCommand(program, verb, WHAT[verb]).action((name: string | undefined, options: TopologyOptions) =>
      run(async (context) => (await import('./run.js')).pause(context, choiceOf(name, options), verb)),
    );
};
