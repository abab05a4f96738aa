import { Option } from 'commander';
import type { Register } from '../../program/command.js';
import { choiceOf, days, topologyCommand, withJson, withOnly, type TopologyOptions } from '../../program/options.js';
import type { ImportOptions } from './import-ca.js';
import type { ExportOptions } from './export.js';
import type { UserOptions } from './export-user.js';
import type { ListOptions } from './list.js';
import type { RenewOptions } from './renew.js';

const MOST_DAYS = 3_650;

export const addCerts: Register = (program, run) => {
  const certs = program.command('certs').description("the topology's certificates");

  withJson(topologyCommand(certs, 'list', 'list them, those first that expire first'))
    .option('--stored', 'only those in the state directory; no host is asked')
    .action((name: string | undefined, options: TopologyOptions & ListOptions) =>
      run(async (context) => (await import('./list.js')).listCerts(context, choiceOf(name, options), options)),
    );

  withOnly(withJson(topologyCommand(certs, 'renew', 'renew those that end soon, on every host; change nothing else')))
    .option('--within <days>', 'those that end within so many days (default: 60 to 90, by cluster)', days(MOST_DAYS))
    .addOption(new Option('--all', 'all of them, except for the two roots').conflicts('within'))
    .option('--plan', 'print the plan and stop')
    .option('-y, --yes', 'do not ask')
    .option('--print-unit', 'print a unit of systemd for a timer, and renew nothing')
    .action((name: string | undefined, options: TopologyOptions & RenewOptions) =>
      run(async (context) => (await import('./renew.js')).renewCerts(context, choiceOf(name, options), options)),
    );

  topologyCommand(certs, 'export', 'write them to a directory')
    .requiredOption('-o, --out <dir>', 'directory; created when it is missing')
    .option('--p12 <client>', 'also write the PKCS#12 file of a client, for programs that need one')
    .option('--with-ca-keys', 'also write the private keys of the CAs')
    .option('--user <account/user>', 'write only what this user of nats.accounts needs, such as ORDERS/audit')
    .option('--at <place>', 'the place of the user, where it has several: a cluster, or outside')
    .option('--format <format>', 'with --user: context (of the nats CLI, the default), pem or p12')
    .action((name: string | undefined, { user, ...options }: TopologyOptions & ExportOptions & Partial<UserOptions>) =>
      run(async (context) =>
        user === undefined
          ? (await import('./export.js')).exportCerts(context, choiceOf(name, options), options)
          : (await import('./export-user.js')).exportUser(context, choiceOf(name, options), { ...options, user }),
      ),
    );

  topologyCommand(certs, 'import', 'use a CA of your own for NATS, before the first provision')
    .requiredOption('--p12 <file>', 'PKCS#12 file with the certificate of the CA and its key')
    .option('--password-file <file>', 'file with its password (default: the name of the PKCS#12 file and .password)')
    .action((name: string | undefined, options: TopologyOptions & ImportOptions) =>
      run(async (context) => (await import('./import-ca.js')).importCa(context, choiceOf(name, options), options)),
    );
};
