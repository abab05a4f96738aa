import { Option } from 'commander';
import type { Register } from '../../program/command.js';
import { choiceOf, withFile, type TopologyOptions } from '../../program/options.js';
import type { KubeconfigOptions } from './run.js';

export const addKubeconfig: Register = (program, run) => {
  withFile(program.command('kubeconfig <cluster> [topology]').description('print the kubeconfig of a cluster'))
    .option('-o, --out <file>', 'write it to a file that only you can read')
    .addOption(new Option('--merge', 'put it into ~/.kube/config or $KUBECONFIG, beside your own').conflicts('out'))
    .addOption(new Option('--remove', 'take out what --merge has put in').conflicts(['out', 'merge']))
    .option('--name <name>', 'with --merge: name of the context (default: name of the cluster)')
    .action(
      (
        cluster: string,
        name: string | undefined,
        options: TopologyOptions & Omit<KubeconfigOptions, 'cluster' | 'context'> & { name?: string },
      ) =>
        run(async (context) =>
          (await import('./run.js')).kubeconfig(context, choiceOf(name, options), { ...options, cluster }),
        ),
    );
};
