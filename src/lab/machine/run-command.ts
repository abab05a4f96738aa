import { execa } from 'execa';
import { ProvisionError } from '../../contract/errors.js';

export interface RunOptions {
  input?: string;
  signal?: AbortSignal | undefined;
  /** Added to the environment of this process. */
  env?: NodeJS.ProcessEnv;
  onLine?: (line: string) => void;
  /** In namespaces of its own: its children and its mounts go with it, however it stops. */
  apart?: boolean;
}

/** The kernel kills the command with this process, so that a killed `lab up` leaves nothing at work behind `lab down`. */
const TIED = ['--pdeathsig', 'KILL', '--'];
const APART = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--'];
const OUTPUT_LINES = 20;

export interface Ran {
  code: number;
  /** Without the last newline. */
  stdout: string;
  stderr: string;
}

/** Returns whatever the exit code is. @throws the signal's reason, once the command has stopped */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { input, signal, env = {}, onLine, apart = false } = options;
  signal?.throwIfAborted();
  const result = await execa('setpriv', [...TIED, ...(apart ? APART : []), file, ...args], {
    ...(signal && { cancelSignal: signal }),
    // unshare holds SIGTERM back; when unshare is killed, the kernel kills all that is in its namespace.
    killSignal: apart ? 'SIGKILL' : 'SIGTERM',
    // By default a command without input would wait on an open pipe.
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
    ...(onLine && { stdout: linesTo(onLine) }),
    env,
    reject: false,
  });
  if (result.isCanceled) signal?.throwIfAborted();
  if (result.code === 'ENOENT') throw new ProvisionError('LAB_TOOL_MISSING', ...NO_SETPRIV);
  if (result.cause !== undefined) throw new Error(result.shortMessage, { cause: result.cause });
  const { exitCode = 128, signal: killedBy, stdout, stderr } = result;
  return { code: exitCode, stdout, stderr: stderr === '' && killedBy !== undefined ? `killed by ${killedBy}` : stderr };
}

const NO_SETPRIV = ['the lab needs setpriv, which this machine does not have', 'install util-linux'] as const;

/** execa cuts the output into whole lines, wherever a chunk or a character is split. */
const linesTo = (onLine: (line: string) => void) =>
  function* (line: unknown): Generator {
    if (typeof line === 'string' && line !== '') onLine(line);
    yield line;
  };

export async function mustRun(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const ran = await run(file, args, options);
  if (ran.code === 0) return ran.stdout;
  const said = (ran.stderr.trim() || ran.stdout.trim()).split('\n').slice(-OUTPUT_LINES).join('\n');
  const message = `exit code ${ran.code} from: ${[file, ...args].join(' ')}`;
  throw new ProvisionError('LAB_COMMAND_FAILED', message, 'fix the cause, then run: lab up', {}, said);
}

export const succeeds = async (file: string, args: readonly string[]): Promise<boolean> =>
  (await run(file, args)).code === 0;
