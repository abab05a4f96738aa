import type { Command } from 'commander';
import type { Fault } from '../../../lab/types.js';
import type { Register, Run } from '../../program/command.js';
import { wholeNumber, withJson } from '../../program/options.js';
import type { LabUpArguments } from './run.js';

/** Hosts that leafspan makes on this machine. */
export const addLab: Register = (program, run) => {
  const lab = program
    .command('lab')
    .description('Linux hosts on this machine, to try leafspan on')
    .enablePositionalOptions();

  withJson(lab.command('up').description('make the hosts, or start what is missing'))
    .option('--hosts <n>', 'how many', wholeNumber(1, 26), 2)
    .option('--bundle <dir>', "feed the hosts from this bundle instead of the lab's own")
    .option('--no-bundle', 'make no bundle: the hosts fetch the public releases')
    .option('-y, --yes', 'install what is missing on this machine without asking')
    .option('--no-install', 'install nothing on this machine')
    .action((options: LabUpArguments) => run(async (context) => (await import('./run.js')).up(context, options)));

  withJson(lab.command('status').description('show the hosts')).action((options: { json?: boolean }) =>
    run(async (context) => (await import('./run.js')).status(context, options)),
  );

  lab
    .command('ssh <host> [command...]')
    .description('log in to a host, or run a command on it')
    .passThroughOptions()
    .action((host: string, command: string[]) =>
      run(async (context) => (await import('./run.js')).ssh(context, host, command)),
    );

  lab
    .command('down')
    .description('remove the hosts and everything that was made for them')
    .action(() => run(async (context) => (await import('./run.js')).down(context)));

  addFaults(lab.command('fault').description('make something fail'), run);
};

function addFaults(fault: Command, run: Run): void {
  const inject = (make: Fault): Promise<void> =>
    run(async (context) => (await import('./run.js')).fault(context, make));

  fault
    .command('cut <from> <to>')
    .description('let nothing through from one host to another ("machine" is this one)')
    .option('-p, --port <port>', 'only this port', wholeNumber(1, 65_535))
    .action((from: string, to: string, { port }: { port?: number }) =>
      inject({ kind: 'cut', from, to, ...(port === undefined ? {} : { port }) }),
    );
  fault
    .command('heal')
    .description('undo every cut and delay')
    .action(() => inject({ kind: 'heal' }));
  fault
    .command('delay')
    .description("slow a host's packets")
    .argument('<host>')
    .argument('<ms>', 'milliseconds', wholeNumber(0, 60_000))
    .action((host: string, ms: number) => inject({ kind: 'delay', host, ms }));
  for (const [kind, what] of [
    ['reboot', 'restart a host'],
    ['kill', 'cut the power of a host'],
    ['start', 'start a killed host'],
  ] as const)
    fault
      .command(`${kind} <host>`)
      .description(what)
      .action((host: string) => inject({ kind, host }));
  fault
    .command('fill-disk <host>')
    .description("fill a host's disk")
    .option('--leave-mb <n>', 'free space to leave', wholeNumber(0, 1_000_000))
    .action((host: string, { leaveMb }: { leaveMb?: number }) =>
      inject({ kind: 'fill-disk', host, ...(leaveMb === undefined ? {} : { leaveMb }) }),
    );
}
