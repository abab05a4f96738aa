import { Command, CommanderError, type Argument } from 'commander';
import { addBench } from '../commands/bench/command.js';
import { addBundle } from '../commands/bundle/command.js';
import { addCancel } from '../commands/cancel/command.js';
import { addCerts } from '../commands/certs/command.js';
import { addCompletion } from '../commands/completion/command.js';
import { addDecisions } from '../commands/decide/command.js';
import { addDoctor } from '../commands/doctor/command.js';
import { addFirewall } from '../commands/firewall/command.js';
import { addInit } from '../commands/init/command.js';
import { addKubeconfig } from '../commands/kubeconfig/command.js';
import { addKubectl } from '../commands/kubectl/command.js';
import { addLab } from '../commands/lab/command.js';
import { addLogs } from '../commands/logs/command.js';
import { addNats } from '../commands/nats/command.js';
import { addPause } from '../commands/pause/command.js';
import { addPlan } from '../commands/plan/command.js';
import { addProvision } from '../commands/provision/command.js';
import { addReport } from '../commands/report/command.js';
import { addStatus } from '../commands/status/command.js';
import { addTeardown } from '../commands/teardown/command.js';
import { addUi } from '../commands/ui/command.js';
import { addVerify } from '../commands/verify/command.js';
import { addWorker } from '../commands/worker/command.js';
import type { Context } from '../context.js';
import { commandLine } from '../invocation.js';
import type { Io } from '../io.js';
import { printed } from '../terminal/printed.js';
import type { Style } from '../terminal/style.js';
import type { Register, Run } from './command.js';
import { addExamples } from './examples.js';
import { exitCodes, EXIT_USAGE } from './exit-codes.js';
import { version } from './version.js';

const GROUPS: readonly (readonly [heading: string, commands: readonly Register[]])[] = [
  ['Systems:', [addInit, addPlan, addProvision, addVerify, addDoctor, addBench, addReport, addTeardown]],
  ['Runs:', [addStatus, addDecisions, addPause, addCancel]],
  ['Access:', [addNats, addKubectl, addLogs, addUi, addKubeconfig, addCerts, addFirewall]],
  ['This machine:', [addLab, addBundle, addWorker, addCompletion]],
];

/** A terminal of 80 columns leaves less than commander's 40 beside the longest command. */
const NARROWEST_COLUMN = 24;

/** Every command has options; what else it takes tells more. */
const termOf = (command: Command): string => [command.name(), ...command.registeredArguments.map(placeOf)].join(' ');

function placeOf(argument: Argument): string {
  const name = argument.variadic ? `${argument.name()}...` : argument.name();
  return argument.required ? `<${name}>` : `[${name}]`;
}

/** Parses the arguments and runs the command. Returns the exit code. */
export async function runProgram(argv: readonly string[], context: Context): Promise<number> {
  let exitCode = 0;
  const program = createProgram(context.io, context.style, async (work) => {
    exitCode = await work(context);
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // commander has printed what is wrong, or the help that was asked for.
    return error.exitCode === 0 ? 0 : EXIT_USAGE;
  }
  return exitCode;
}

export function createProgram({ stdout, stderr }: Pick<Io, 'stdout' | 'stderr'>, style: Style, run: Run): Command {
  const program = new Command('leafspan')
    .description('NATS across Kubernetes clusters, with mutual TLS, from plain Linux hosts')
    .version(version(), '--version', 'print the version')
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .showHelpAfterError(`hint: ${commandLine('<command> --help')}\ndocs: docs/troubleshooting.md#usage (USAGE)`)
    .addHelpText('after', `\n${exitCodes()}`)
    .configureHelp({ minWidthToWrap: NARROWEST_COLUMN, subcommandTerm: termOf })
    .configureOutput({
      writeOut: (text) => void stdout.write(printed(text)),
      writeErr: (text) => void stderr.write(printed(text)),
      outputError: (text, write) => write(style.red(text.replace(/^error: /, ''))),
    })
    .exitOverride();
  for (const [heading, commands] of GROUPS) {
    program.commandsGroup(heading);
    for (const add of commands) add(program, run);
  }
  program.helpCommand('help [command]', 'display help for command');
  addExamples(program);
  return program;
}
