import { hostname, userInfo } from 'node:os';
import { stripVTControlCharacters } from 'node:util';
import { codeOf } from '../contract/caught.js';
import { isProvisionError } from '../contract/errors.js';
import { fileRefusal } from '../contract/file-refusal.js';
import { homeOf } from '../local/state/state-directory.js';
import { createContext } from './context.js';
import { fromProvisionError } from './failure.js';
import { commandLine } from './invocation.js';
import { Interrupted, say, type Io, type Output } from './io.js';
import { EXIT_INTERRUPTED, EXIT_UNEXPECTED } from './program/exit-codes.js';
import { runProgram } from './program/program.js';
import { isConnectionError, isRefusal, reasonOf } from './runs/errors.js';
import { exitOf, renderError, type Shown } from './terminal/error.js';
import { SHOW_CURSOR } from './terminal/screen.js';
import type { Style } from './terminal/style.js';

/** The whole command line. Returns the exit code: see program/exit-codes.ts. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const context = createContext(io);
  try {
    return await runProgram(argv, context);
  } catch (error) {
    return report(error, io, context.style);
  }
}

function report(error: unknown, io: Io, style: Style): number {
  if (error instanceof Interrupted) return EXIT_INTERRUPTED;
  const shown = explained(error);
  if (shown === undefined) {
    say(io, style.red(error instanceof Error ? (error.stack ?? error.message) : String(error)));
    say(io, 'hint: this is a bug in leafspan; please report it with the lines above');
    return EXIT_UNEXPECTED;
  }
  say(io, renderError(shown, style));
  return exitOf(shown.code);
}

function explained(error: unknown): Shown | undefined {
  if (isProvisionError(error)) return fromProvisionError(error);
  if (isConnectionError(error)) return connectionLost(error);
  if (isRefusal(error)) return refused(error);
  const refusal = fileRefusal(error);
  return refusal === undefined ? undefined : fromProvisionError(refusal);
}

/** The server understood, and did not want to. The client's own message leaves the reason out. */
const refused = (error: unknown): Shown => ({
  code: 'TEMPORAL_REFUSED',
  message: `the Temporal server refuses: ${reasonOf(error)}`,
  hint: 'check TEMPORAL_NAMESPACE, TEMPORAL_API_KEY or the profile, and the rights that they give',
});

/** The server or the worker went away in the middle of a command. */
function connectionLost(error: unknown): Shown {
  return {
    code: 'TEMPORAL_UNREACHABLE',
    message: `the Temporal server or the worker does not respond: ${reasonOf(error)}`,
    hint: `try again; if that does not help, stop both, and the next command starts them: ${commandLine('stop')}`,
  };
}

/** Runs as this process: the entry of bin/leafspan.js. */
export async function runProcess(): Promise<void> {
  const { stdout, stderr, stdin, env } = process;
  // A reader that has seen enough (`| head`) is not an error.
  stdout.on('error', (error) => {
    if (codeOf(error) !== 'EPIPE') throw error;
  });
  process.exitCode = await main(process.argv.slice(2), {
    ...{ stdout: mayColour(stdout, env) ? stdout : colourless(stdout), stderr, stdin },
    env: { HOSTNAME: hostname(), USER: userName(), ...env },
    isTTY: stderr.isTTY && stdin.isTTY,
    cwd: process.cwd(),
    home: homeOf(env),
    onInterrupt: interrupts(),
  });
}

const mayColour = ({ isTTY }: { isTTY: boolean }, env: NodeJS.ProcessEnv): boolean =>
  isTTY || (env['FORCE_COLOR'] ?? '') !== '';

/** Progress may be on a terminal while data goes to a file or a program. */
const colourless = (output: Output): Output => ({ write: (text) => output.write(stripVTControlCharacters(text)) });

/** A user without an entry in the password file has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

/** Ctrl-C goes to the listeners; without any, the process exits at once, with the terminal's cursor shown again. */
function interrupts(): NonNullable<Io['onInterrupt']> {
  const listeners = new Set<() => void>();
  process.on('SIGINT', () => {
    for (const listener of listeners) listener();
    if (listeners.size > 0) return;
    if (process.stderr.isTTY) process.stderr.write(`${SHOW_CURSOR}\n`);
    process.exit(EXIT_INTERRUPTED);
  });
  return (listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
}
