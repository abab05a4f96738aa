import { Option } from 'commander';
import type { Register } from '../../program/command.js';
import { MODES, type InitOptions } from './options.js';

export const addInit: Register = (program, run) => {
  program
    .command('init')
    .description('write a topology file for hosts of your own; on a terminal it asks for what is left out')
    .option('--name <name>', 'name of the topology')
    .option('--hub <host>', 'the host of the broker: [<cluster>=][<user>@]<address>[:<port>]')
    .option('--leaf <host...>', 'the hosts of the leaf clusters, in the same form')
    .option('--key <file>', 'private key for all hosts; default: as ssh does')
    .addOption(new Option('--mode <mode>', 'how the clusters are linked').choices(MODES).default('mesh'))
    .option('--out <file>', 'the file to write', 'topology.yaml')
    .option('--no-probe', 'do not connect to the hosts')
    .action((options: InitOptions) => run(async (context) => (await import('./run.js')).init(context, options)));
};
