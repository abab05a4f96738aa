import { hostname, homedir, userInfo } from 'node:os';
import { codeOf } from '../contract/caught.js';
import { isProvisionError } from '../contract/errors.js';
import { createContext } from './context.js';
import { Interrupted, say, type Io } from './io.js';
import { runProgram } from './program.js';
import { isConnectionFault, reasonOf } from './runs/faults.js';
import { exitOf, renderError, type Shown } from './render/error.js';
import { SHOW_CURSOR } from './render/screen.js';
import type { Style } from './render/style.js';

const EXIT_UNEXPECTED = 70;
const EXIT_INTERRUPTED = 130;

/** The whole command line. Answers the exit code: 0 ok, 1 failed or degraded, 2 bad input, 70 unexpected, 130 Ctrl-C. */
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
    say(io, 'hint: this is a fault of leafspan itself; please report it with the lines above');
    return EXIT_UNEXPECTED;
  }
  say(io, renderError(shown, style));
  return exitOf(shown.code);
}

function explained(error: unknown): Shown | undefined {
  if (isProvisionError(error)) return error;
  if (isConnectionFault(error)) return unanswered(error);
  return undefined;
}

/** The server or the worker went away in the middle of a command. */
function unanswered(error: unknown): Shown {
  return {
    code: 'TEMPORAL_UNREACHABLE',
    message: `the Temporal server or the worker does not answer: ${reasonOf(error)}`,
    remedy: 'try again; on this machine, start both anew with: npm run start -- stop',
  };
}

/** Runs as this process: the entry of bin/leafspan.js. */
export async function runProcess(): Promise<void> {
  const { stdout, stderr, stdin, env } = process;
  // A reader that has seen enough (`| head`) is no error.
  stdout.on('error', (error) => {
    if (codeOf(error) !== 'EPIPE') throw error;
  });
  process.exitCode = await main(process.argv.slice(2), {
    ...{ stdout, stderr, stdin },
    env: { HOSTNAME: hostname(), USER: userName(), ...env },
    isTTY: stderr.isTTY && stdin.isTTY,
    cwd: process.cwd(),
    home: env['HOME'] ?? homedir(),
    onInterrupt: interrupts(),
  });
}

/** A user without an entry in the password file has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'somebody';
  }
}

/** Ctrl-C goes to whoever listens; when nobody does, the process ends at once, with the terminal's cursor shown again. */
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
