import { spawn } from 'node:child_process';
import { ProvisionError } from '../../contract/errors.js';

export interface RunOptions {
  input?: string;
  signal?: AbortSignal | undefined;
  env?: NodeJS.ProcessEnv;
  onLine?: (line: string) => void;
  /** In namespaces of its own: its children and its mounts end with it, too, whatever ends it. */
  apart?: boolean;
}

const APART = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--'];

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command that dies with this process, so that a killed `lab up` leaves nothing at work behind `lab down`. */
export function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...(options.apart ? APART : []), file, ...args], {
      stdio: 'pipe',
      ...(options.signal && { signal: options.signal }),
      ...(options.env && { env: options.env }),
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => {
      out.push(chunk);
      if (options.onLine) for (const line of chunk.toString().split('\n')) if (line) options.onLine(line);
    });
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve({
        code: code ?? 128,
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString() || (signal ? `ended by ${signal}` : ''),
      }),
    );
    // A child that ends before it has read its input must not end us.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

export async function mustRun(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const ran = await run(file, args, options);
  if (ran.code === 0) return ran.stdout;
  const said = (ran.stderr.trim() || ran.stdout.trim()).split('\n').slice(-20).join('\n');
  throw new ProvisionError(
    'LAB_COMMAND_FAILED',
    `exit code ${ran.code} from: ${[file, ...args].join(' ')}`,
    'fix the cause, then run: lab up',
    {},
    said,
  );
}

export const succeeds = async (file: string, args: readonly string[]): Promise<boolean> =>
  (await run(file, args)).code === 0;
