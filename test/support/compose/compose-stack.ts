import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporalCli } from '../cli/temporal-cli.js';
import { answering } from '../servers/loopback.js';
import { startPostgreSql, type PostgreSql } from '../servers/postgresql.js';
import { composeService } from './compose-file.js';
import { temporalPrograms } from './temporal-programs.js';

const PORT = 7233;
/** Where the image of temporalio/admin-tools has it. */
const SCHEMA = '/etc/temporal/schema';
/** As `restart: on-failure:10` of the file. */
const TRIES = 10;

interface Ran {
  code: number | null;
  output: string;
}

/**
 * What docker-compose.yml starts, without containers: its commands and environments with the real programs. All services are on
 * one address of loopback, where each has its own port.
 */
export class ComposeStack {
  readonly #folder = mkdtempSync(join(tmpdir(), 'leafspan-compose-'));
  #server: ChildProcess | undefined;

  private constructor(
    readonly host: string,
    readonly postgresql: PostgreSql,
    private readonly programs: string,
    private readonly path: string,
  ) {}

  static async start(): Promise<ComposeStack> {
    const [programs, cli] = [await temporalPrograms(), await temporalCli()];
    const part = (): number => 1 + Math.floor(Math.random() * 250);
    const host = `127.${part()}.${part()}.${part()}`;
    const { POSTGRES_USER: user = '', POSTGRES_PASSWORD: password = '' } = composeService('postgresql').environment;
    const path = [programs, dirname(cli), process.env['PATH']].join(delimiter);
    const stack = new ComposeStack(host, await startPostgreSql(host, user, password), programs, path);
    try {
      await stack.#mustRun('temporal-schema');
      await stack.startServer();
      await stack.#mustRun('temporal-namespace');
      return stack;
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  /** For TEMPORAL_ADDRESS. */
  get address(): string {
    return `${this.host}:${PORT}`;
  }

  async startServer(): Promise<void> {
    const log = openSync(join(this.#folder, 'server.log'), 'a');
    const env = this.#environment('temporal');
    this.#server = spawn(join(this.programs, 'temporal-server'), ['start'], { env, stdio: ['ignore', log, log] });
    closeSync(log);
    await answering(PORT, this.#server, 'temporal-server', this.host);
  }

  /** As a crash does it. */
  async killServer(): Promise<void> {
    this.#server?.kill('SIGKILL');
    if (this.#server?.exitCode === null && this.#server.signalCode === null) await once(this.#server, 'exit');
  }

  /** Runs a service that ends by itself. */
  run(name: string): Ran {
    const { entrypoint, command } = composeService(name);
    const [program = '', ...args] = [...entrypoint, ...command];
    const here = args.map((arg) => arg.replaceAll(SCHEMA, join(this.programs, 'schema')));
    const { status, stdout, stderr } = spawnSync(program, here, { env: this.#environment(name), encoding: 'utf8' });
    return { code: status, output: `${stdout}${stderr}` };
  }

  async stop(): Promise<void> {
    await this.killServer();
    await this.postgresql.stop();
    rmSync(this.#folder, { recursive: true });
  }

  async #mustRun(name: string): Promise<void> {
    for (let tries = 1; ; tries++) {
      const { code, output } = this.run(name);
      if (code === 0) return;
      if (tries === TRIES) throw new Error(`${name}: ${output}\n${this.#log()}`);
      await sleep(500);
    }
  }

  #log(): string {
    return readFileSync(join(this.#folder, 'server.log'), { encoding: 'utf8', flag: 'a+' }).slice(-2_000);
  }

  /** The names of the services, which only Compose's network knows, become the address. */
  #environment(name: string): NodeJS.ProcessEnv {
    const here: Record<string, string> = {
      ...{ POSTGRES_SEEDS: this.host, BIND_ON_IP: this.host, TEMPORAL_ADDRESS: this.address },
    };
    const own = Object.entries(composeService(name).environment);
    return {
      PATH: this.path,
      HOME: this.#folder,
      ...Object.fromEntries(own.map(([key, value]) => [key, here[key] ?? value])),
    };
  }
}
