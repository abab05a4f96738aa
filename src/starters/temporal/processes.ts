import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../local/processes.js';

const POLL_MS = 50;

export interface Detached {
  pid: number;
  /** undefined while it runs. */
  exitCode(): number | undefined;
}

/** A process in a session of its own: neither our exit nor Ctrl-C reaches it. Both its outputs go to the log. */
export function spawnDetached(
  file: string,
  args: readonly string[],
  logFile: string,
  env: NodeJS.ProcessEnv,
): Promise<Detached> {
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(file, args, { detached: true, stdio: ['ignore', log, log], env });
  closeSync(log);
  child.unref();
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () =>
      resolve({
        pid: child.pid ?? 0,
        exitCode: () => child.exitCode ?? (child.signalCode === null ? undefined : 128),
      }),
    );
  });
}

/** Asks the process to exit; it is killed when it does not. */
export async function endProcess(pid: number, marker: string, graceMs: number): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!isAlive(pid, marker)) return;
    process.kill(pid, signal);
    await until(() => !isAlive(pid, marker), graceMs);
  }
}

/** Polls until the condition holds. Returns whether it did within the time. */
export async function until(holds: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() >= deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

export const portAnswers = (host: string, port: number, timeoutMs: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const done = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => done(true));
    socket.once('timeout', () => done(false));
    socket.once('error', () => done(false));
  });

/** The wanted loopback port when it is or becomes free within the time, else one that the kernel picks. */
export async function freePort(wanted: number, patienceMs: number): Promise<number> {
  await until(async () => (await tryListen(wanted)) !== undefined, patienceMs);
  return (await tryListen(wanted)) ?? (await tryListen(0)) ?? wanted;
}

const tryListen = (port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });

/** The last lines of a log, of what was written after the given size. */
export function tailOf(logFile: string, fromByte: number, lines: number): string {
  try {
    return readFileSync(logFile).subarray(fromByte).toString('utf8').trim().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}

export function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}
