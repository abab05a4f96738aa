import { Option } from 'commander';
import type { Register } from '../../program/command.js';
import { choiceOf, topologyCommand, type TopologyOptions } from '../../program/options.js';
import { FORMATS, type FirewallOptions } from './formats.js';

export const addFirewall: Register = (program, run) => {
  topologyCommand(program, 'firewall', 'print what the firewalls of the hosts must let in')
    .addOption(new Option('--format <format>', 'how to print it').choices(FORMATS).default('table'))
    .option('--host <host>', 'of this host only')
    .action((name: string | undefined, options: TopologyOptions & FirewallOptions) =>
      run(async (context) => (await import('./run.js')).firewall(context, choiceOf(name, options), options)),
    );
};
