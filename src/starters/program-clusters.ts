import type { Command } from 'commander';
import type { ExportOptions } from './commands/certs.js';
import type { ImportOptions } from './commands/import-ca.js';
import { choiceOf, topologyCommand, withFile, withJson, type TopologyOptions } from './options.js';
import type { Run } from './program.js';

/** Commands about what a run has built, and about leafspan's own processes. */
export function addClusterCommands(program: Command, run: Run): void {
  withFile(program.command('kubeconfig <cluster> [topology]').description('print the kubeconfig of a cluster'))
    .option('-o, --out <file>', 'write it to a file, readable by you alone')
    .action((cluster: string, name: string | undefined, options: TopologyOptions & { out?: string }) =>
      run(async (context) =>
        (await import('./commands/kubeconfig.js')).kubeconfig(context, choiceOf(name, options), {
          cluster,
          ...options,
        }),
      ),
    );

  const certs = program.command('certs').description("the topology's certificates");
  withJson(topologyCommand(certs, 'list', 'list them, with their ends')).action(
    (name: string | undefined, options: TopologyOptions) =>
      run(async (context) =>
        (await import('./commands/certs.js')).listCerts(context, choiceOf(name, options), options),
      ),
  );
  topologyCommand(certs, 'export', 'write them to a folder')
    .requiredOption('-o, --out <dir>', 'folder; it is made when it is missing')
    .option('--p12 <client>', 'also write the PKCS#12 file of a client, for programs that want one')
    .option('--with-ca-keys', 'also write the private keys of the CAs')
    .action((name: string | undefined, options: TopologyOptions & ExportOptions) =>
      run(async (context) =>
        (await import('./commands/certs.js')).exportCerts(context, choiceOf(name, options), options),
      ),
    );
  topologyCommand(certs, 'import', 'use a CA of your own for NATS, before the first provision')
    .requiredOption('--p12 <file>', 'PKCS#12 file with the certificate of the CA and its key')
    .option('--password-file <file>', 'file with its password; without it: the PKCS#12 file’s name and .password')
    .action((name: string | undefined, options: TopologyOptions & ImportOptions) =>
      run(async (context) =>
        (await import('./commands/import-ca.js')).importCa(context, choiceOf(name, options), options),
      ),
    );

  program
    .command('worker')
    .description('run a worker until Ctrl-C')
    .action(() => run(async (context) => (await import('./commands/worker.js')).worker(context)));

  program
    .command('stop')
    .description('stop the worker and the embedded Temporal server of this machine; runs go on after the next start')
    .action(() => run(async (context) => (await import('./commands/stop.js')).stop(context)));
}
