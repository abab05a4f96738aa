import { spawn } from 'node:child_process';
import { accessSync, closeSync, constants as access, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../context.js';
import { usage } from '../failure.js';

export interface Wrapped {
  program: string;
  args: (fileOf: (name: string) => string) => readonly string[];
  env: (fileOf: (name: string) => string) => NodeJS.ProcessEnv;
  /** Contents that only the program may read, by names. */
  secrets: Readonly<Record<string, string>>;
}

const FIRST_FREE = 3;
const SIGNALS = ['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
/** What a shell says of a program that a signal has ended. */
const BY_SIGNAL = 128;

/** @throws ProvisionError USAGE */
export function onPath({ settings }: Context, program: string, hint: string): string {
  const found = settings.path.map((directory) => join(directory, program)).find(isExecutable);
  if (found === undefined) throw usage(`${program} is not on the PATH of this machine`, hint);
  return found;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, access.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The program takes over the terminal; its exit code is ours, and signals reach it. */
export async function runWrapped({ io }: Context, { program, args, env, secrets }: Wrapped): Promise<number> {
  const names = Object.keys(secrets);
  const fileOf = (name: string): string => `/dev/fd/${FIRST_FREE + names.indexOf(name)}`;
  const files = openWithoutName(Object.values(secrets));
  try {
    const child = spawn(program, args(fileOf), {
      stdio: ['inherit', 'inherit', 'inherit', ...files],
      env: env(fileOf),
    });
    const stopListening = [
      ...SIGNALS.map((signal) => forward(signal, () => child.kill(signal))),
      // A terminal sends Ctrl-C to the program itself.
      io.onInterrupt?.(() => {
        if (!io.isTTY) child.kill('SIGINT');
      }),
    ];
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) =>
        resolve(code ?? BY_SIGNAL + (signal === null ? 0 : constants.signals[signal])),
      );
    }).finally(() => stopListening.forEach((stop) => stop?.()));
  } finally {
    files.forEach(closeSync);
  }
}

function forward(signal: NodeJS.Signals, send: () => void): () => void {
  process.on(signal, send);
  return () => void process.off(signal, send);
}

/**
 * Files that have no name any more when the program starts: it reads them by their descriptors, and they are gone with the
 * last process that has one, whatever ends it.
 */
function openWithoutName(contents: readonly string[]): number[] {
  const directory = mkdtempSync(join(tmpdir(), 'leafspan-'));
  try {
    return contents.map((content, index) => {
      const file = join(directory, String(index));
      writeFileSync(file, content, { mode: 0o600 });
      return openSync(file, 'r');
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}
