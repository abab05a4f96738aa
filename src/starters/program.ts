import { Command, CommanderError } from 'commander';
import { fields, readJsonFile } from '../local/json.js';
import type { Context } from './context.js';
import { addBundleCommands } from './program-bundle.js';
import { addClusterCommands } from './program-clusters.js';
import { addLabCommands } from './program-lab.js';
import { addRunCommands } from './program-runs.js';

/** A command's work. It is loaded when its command is given, so that each command pays for its own imports alone. */
export type Work = (context: Context) => Promise<number>;
/** Registers what a command does once its arguments are parsed. */
export type Run = (work: Work) => Promise<void>;

const EXIT_USAGE = 2;

/** Parses the arguments and runs the command. Answers the exit code. */
export async function runProgram(argv: readonly string[], context: Context): Promise<number> {
  let exitCode = 0;
  const run: Run = async (work) => {
    exitCode = await work(context);
  };
  const program = createProgram(context, run);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // commander has printed what is wrong, or the help that was asked for.
    return error.exitCode === 0 ? 0 : EXIT_USAGE;
  }
  return exitCode;
}

function createProgram({ io, style }: Context, run: Run): Command {
  const program = new Command('leafspan')
    .description('NATS across Kubernetes clusters, with mutual TLS, from plain Linux hosts')
    .version(version(), '--version', 'print the version')
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .showHelpAfterError(`hint: npm run start -- <command> --help\ndocs: docs/troubleshooting.md#usage (USAGE)`)
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      outputError: (text, write) => write(style.red(text.replace(/^error: /, ''))),
    })
    .exitOverride();
  addRunCommands(program, run);
  addClusterCommands(program, run);
  addBundleCommands(program, run);
  addLabCommands(program, run);
  return program;
}

function version(): string {
  return readJsonFile(new URL('../../package.json', import.meta.url), fields({ version: 'string' })).version;
}
