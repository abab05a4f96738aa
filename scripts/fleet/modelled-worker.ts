import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { workerRecord } from '../../src/local/record.js';
import { WORKER_NODE } from '../../src/starters/temporal/worker.js';
import type { WorldReport } from '../../test/doubles/fleet/worker-process.js';
import type { WorldSettings } from '../../test/doubles/fleet/world.js';
import { compileWorker } from './compiled-worker.js';

const START_TIMEOUT_MS = 60_000;
/** Running activities end first. */
const END_TIMEOUT_MS = 30_000;

interface WorkerSettings {
  /** Its state directory, where its log and its report are too. */
  directory: string;
  /** Of the Temporal server. */
  address: string;
  world: WorldSettings;
  /** Writes a CPU profile into the directory. */
  profile: boolean;
}

/** The product's worker over a modelled world, in a process of its own. */
export class ModelledWorker {
  readonly #process: ChildProcess;
  readonly #directory: string;
  readonly #compiled: string;

  private constructor(process: ChildProcess, directory: string, compiled: string) {
    this.#process = process;
    this.#directory = directory;
    this.#compiled = compiled;
  }

  /** Resolves when it polls the task queue. @throws Error that names its log */
  static async start({ directory, address, world, profile }: WorkerSettings): Promise<ModelledWorker> {
    const { directory: compiled, program } = compileWorker();
    const log = openSync(join(directory, 'worker.log'), 'a', 0o600);
    const env = {
      ...process.env,
      ...WORKER_NODE.env,
      NODE_OPTIONS: '', // those of a test do not concern it
      LEAFSPAN_STATE_DIR: directory,
      XDG_CACHE_HOME: join(directory, 'cache'),
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: 'default',
    };
    const profiling = profile ? ['--cpu-prof', `--cpu-prof-dir=${directory}`] : [];
    const args = [...WORKER_NODE.arguments, ...profiling, program, JSON.stringify(world), reportFile(directory)];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', log, log] });
    const worker = new ModelledWorker(child, directory, compiled);
    try {
      await worker.#untilReady();
    } catch (error) {
      await worker.stop();
      throw error;
    }
    return worker;
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** @returns what it told of its world; undefined when it did not end by itself */
  async stop(): Promise<WorldReport | undefined> {
    if (this.#process.exitCode === null) {
      this.#process.kill('SIGTERM');
      await Promise.race([once(this.#process, 'exit'), sleep(END_TIMEOUT_MS, undefined, { ref: false })]);
      this.#process.kill('SIGKILL');
    }
    rmSync(this.#compiled, { recursive: true, force: true });
    return readReport(this.#directory);
  }

  async #untilReady(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (workerRecord(this.#directory).read()?.ready !== true) {
      if (this.#process.exitCode !== null || Date.now() > deadline)
        throw new Error(`the worker did not start; its log: ${join(this.#directory, 'worker.log')}`);
      await sleep(50);
    }
  }
}

const reportFile = (directory: string): string => join(directory, 'world.json');

function readReport(directory: string): WorldReport | undefined {
  try {
    return JSON.parse(readFileSync(reportFile(directory), 'utf8')) as WorldReport;
  } catch {
    return undefined;
  }
}
