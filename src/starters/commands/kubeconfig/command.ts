import type { Register } from '../../program/command.js';
import { choiceOf, withFile, type TopologyOptions } from '../../program/options.js';

export const addKubeconfig: Register = (program, run) => {
  withFile(program.command('kubeconfig <cluster> [topology]').description('print the kubeconfig of a cluster'))
    .option('-o, --out <file>', 'write it to a file that only you can read')
    .action((cluster: string, name: string | undefined, options: TopologyOptions & { out?: string }) =>
      run(async (context) =>
        (await import('./run.js')).kubeconfig(context, choiceOf(name, options), { cluster, ...options }),
      ),
    );
};
