import { setMaxListeners } from 'node:events';
import { createInterface } from 'node:readline';
import { usage } from './failure.js';
import { printed } from './terminal/printed.js';

/** Everything of its process that a command may touch. Tests pass their own. */
export interface Io {
  /** Data only. */
  stdout: Output;
  /** Progress, questions and errors. */
  stderr: Output & { columns?: number; rows?: number };
  stdin?: NodeJS.ReadableStream;
  env: NodeJS.ProcessEnv;
  /** A person reads stderr on a terminal that can be redrawn. */
  isTTY: boolean;
  cwd: string;
  home: string;
  /** Calls the listener on Ctrl-C instead of exiting. Returns a function that stops listening. */
  onInterrupt?: (listener: () => void) => () => void;
}

export interface Output {
  write(text: string): unknown;
}

export const printData = (io: Io, text: string): void =>
  void io.stdout.write(printed(text.endsWith('\n') ? text : `${text}\n`));
export const printJson = (io: Io, value: unknown): void => printData(io, JSON.stringify(value, null, 2));
export const say = (io: Io, text: string): void => void io.stderr.write(`${printed(text)}\n`);

export const canAsk = (io: Io): boolean => io.isTTY && io.stdin !== undefined;

/** @throws ProvisionError USAGE */
export function mustBeAbleToAsk(io: Io, command: string): void {
  if (!canAsk(io)) throw usage(`${command} needs confirmation, but there is no terminal`, 'pass --yes');
}

/** Asks a yes/no question on a terminal; elsewhere the answer is no. */
export function confirm(io: Io, question: string): Promise<boolean> {
  if (!canAsk(io) || io.stdin === undefined) return Promise.resolve(false);
  const lines = createInterface({ input: io.stdin, output: io.stderr as unknown as NodeJS.WritableStream });
  return new Promise<boolean>((resolve, reject) => {
    // While a line is edited the terminal hands Ctrl-C to the editor; the end of input is a no.
    lines.once('SIGINT', () => reject(new Interrupted()));
    lines.once('close', () => resolve(false));
    lines.question(`${printed(question)} [y/N] `, (answer) => resolve(/^y(es)?$/i.test(answer.trim())));
  }).finally(() => lines.close());
}

/** Asks for a line on a terminal; elsewhere the answer is empty. */
export function ask(io: Io, question: string): Promise<string> {
  if (!canAsk(io) || io.stdin === undefined) return Promise.resolve('');
  const lines = createInterface({ input: io.stdin, output: io.stderr as unknown as NodeJS.WritableStream });
  return new Promise<string>((resolve, reject) => {
    lines.once('SIGINT', () => reject(new Interrupted()));
    lines.once('close', () => resolve(''));
    lines.question(`${printed(question)} `, (answer) => resolve(answer.trim()));
  }).finally(() => lines.close());
}

/** A signal that aborts on Ctrl-C for as long as the work runs. */
export async function interruptible<T>(io: Io, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  // Whatever waits listens to it, such as each file of a bundle; Node warns of a leak from eleven listeners on.
  // With 0 instead of Infinity, getMaxListeners refuses the signal, and fetch with it.
  setMaxListeners(Infinity, controller.signal);
  const stop = io.onInterrupt?.(() => controller.abort(new Interrupted()));
  try {
    return await work(controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? new Interrupted() : error;
  } finally {
    stop?.();
  }
}

/** Ctrl-C. Nothing to explain: the exit code says it. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
