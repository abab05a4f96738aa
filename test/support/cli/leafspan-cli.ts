import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const BIN = fileURLToPath(new URL('../../../bin/leafspan.js', import.meta.url));

/** A command that hangs must fail a test, not hang it; making the lab's bundle is the longest. */
const PATIENCE_MS = 1_700_000;

/** Time for the last output after the exit. */
const DRAIN_MS = 2_000;

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The command line as a person runs it: a process of its own, with state, lab and ports of its own. */
export class LeafspanCli {
  readonly #env: NodeJS.ProcessEnv;

  constructor(env: Record<string, string>) {
    this.#env = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', ...env };
  }

  /** The same, which finds programs in a directory first. */
  finding(directory: string): LeafspanCli {
    const cli = new LeafspanCli({});
    Object.assign(cli.#env, this.#env, { PATH: `${directory}:${this.#env['PATH'] ?? ''}` });
    return cli;
  }

  start(...args: string[]): { child: ChildProcess; outcome: Promise<Outcome> } {
    const child = spawn(process.execPath, [BIN, ...args], {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE_MS,
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
    const outcome = new Promise<Outcome>((resolve, reject) => {
      child.once('error', reject);
      const settle = (code: number | null): void => {
        resolve({ code, ...output });
      };
      child.once('close', settle);
      // A worker or server that the command started must not be able to hold its output open.
      child.once('exit', (code) => setTimeout(settle, DRAIN_MS, code).unref());
    });
    return { child, outcome };
  }

  run(...args: string[]): Promise<Outcome> {
    return this.start(...args).outcome;
  }

  /** @throws Error with all output when the exit code is not 0 */
  async mustRun(...args: string[]): Promise<Outcome> {
    const outcome = await this.run(...args);
    if (outcome.code !== 0)
      throw new Error(`leafspan ${args.join(' ')}: exit code ${outcome.code}\n${outcome.stderr}\n${outcome.stdout}`);
    return outcome;
  }

  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse((await this.mustRun(...args, '--json')).stdout) as T;
  }
}
