import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { parse, stringify } from 'yaml';
import { clientDataConverter } from '../../../src/codec/data-converter.js';
import { stepsOf, type ClusterPlan } from '../../../src/contract/plan.js';
import type { PlanSummary, ProvisionResult, VerifyResult } from '../../../src/contract/runs.js';
import type { ClusterResults } from '../../../src/starters/runs/pages.js';
import type { RunView } from '../../../src/starters/watch/view.js';
import { LeafspanCli } from '../../support/cli/leafspan-cli.js';
import { overSsh } from './host-snapshots.js';

export interface LabTopology {
  broker: { hosts: [{ ssh: { address: string; user: string; privateKeyFile: string; hostKey: string } }] };
  leaves: { name: string; hosts: [{ ssh: { address: string } }] }[];
  nats: object;
  artifacts?: { bundle?: string };
}

export type Plan = PlanSummary & { plans: ClusterPlan[] };
export type Verification = VerifyResult & { clusters: ClusterResults[] };

/** What a run reports that found nothing to do, and one whose checks all pass. */
export const NOTHING = { create: 0, change: 0, delete: 0 };
export const ALL_PASS = { failed: 0, warned: 0, skipped: 0 };

/** A run takes at most this long on a machine that does much else. */
const PATIENCE_MS = 300_000;

const KUBECTL = `k() { KUBECONFIG=/etc/rancher/k3s/k3s.yaml /usr/local/bin/k3s kubectl --cache-dir /tmp/leafspan-test "$@"; }`;

/** A system on a lab; hosts, state, worker and Temporal server are its own, so that it runs beside a person's. */
export class SystemLab {
  readonly cli: LeafspanCli;
  readonly #directory: string;
  readonly #labState: string;
  readonly stateDir: string;
  #connection: Promise<Connection> | undefined;

  constructor(readonly name: string) {
    this.#directory = mkdtempSync(join(tmpdir(), 'leafspan-system-'));
    this.#labState = join(this.#directory, 'lab');
    this.stateDir = join(this.#directory, 'state');
    this.cli = new LeafspanCli(this.environment());
  }

  /** With more in its environment. */
  readonly cliWith = (env: Record<string, string>): LeafspanCli => new LeafspanCli({ ...this.environment(), ...env });

  environment(): Record<string, string> {
    return {
      LEAFSPAN_STATE_DIR: this.stateDir,
      LEAFSPAN_LAB_NAME: this.name,
      LEAFSPAN_LAB_STATE: this.#labState,
      LEAFSPAN_WORKER_IDLE_EXIT_S: '600',
    };
  }

  up(...options: string[]): Promise<unknown> {
    return this.cli.mustRun('lab', 'up', '--yes', ...options);
  }

  readonly remove = async (): Promise<void> => {
    await (await this.#connection)?.close();
    await this.cli.run('stop');
    await this.cli.run('lab', 'down');
    rmSync(this.#directory, { recursive: true, force: true });
  };

  /** Runs a script on a host as root; `k` in it is kubectl, which leaves no cache behind. */
  readonly on = (host: string, script: string): string => {
    const { broker, leaves } = this.written();
    const addresses = [broker, ...leaves].map(({ hosts }) => hosts[0].ssh.address);
    const named = Object.fromEntries(addresses.map((address, index) => [`vm-${'abc'[index] ?? '?'}`, address]));
    return overSsh(broker.hosts[0].ssh.privateKeyFile, named)(host, `${KUBECTL}\n${script}`);
  };

  /** The topology that `lab up` wrote. */
  readonly written = (): LabTopology =>
    parse(readFileSync(join(this.#labState, 'topology.yaml'), 'utf8')) as LabTopology;

  /** A file with the lab's topology as a test wants it. */
  topologyWith(file: string, changes: object): string {
    const path = join(this.#directory, `${file}.yaml`);
    writeFileSync(path, stringify({ ...this.written(), ...changes }));
    return path;
  }

  provision(file?: string): Promise<ProvisionResult> {
    return this.cli.json<ProvisionResult>('provision', ...optionsFor(file));
  }

  /** Exits with 3 when there is something to do. */
  async plan(file?: string): Promise<{ code: number | null; plan: Plan }> {
    const { code, stdout, stderr } = await this.cli.run('plan', ...optionsFor(file), '--json');
    if (code !== 0 && code !== 3) throw new Error(`plan: exit code ${code}\n${stderr}`);
    return { code, plan: JSON.parse(stdout) as Plan };
  }

  /** A check that fails makes the exit code 1, and the results are printed all the same. */
  async verify(): Promise<{ code: number | null; verification: Verification }> {
    const { code, stdout } = await this.cli.run('verify', this.name, '--json');
    return { code, verification: JSON.parse(stdout) as Verification };
  }

  /** Asks for the status until it is as wanted. */
  async statusWhen(what: string, wanted: (view: RunView) => boolean): Promise<RunView> {
    for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(500)) {
      // The status of a run that failed exits with 1 and is printed all the same.
      const view = JSON.parse((await this.cli.run('status', this.name, '--json')).stdout) as RunView;
      if (wanted(view)) return view;
      if (['done', 'failed', 'degraded'].includes(view.state))
        throw new Error(`${what}: the run ended as ${view.state}`);
      if (Date.now() > deadline) throw new Error(`still not so: ${what}`);
    }
  }

  async temporal(): Promise<Client> {
    this.#connection ??= Connection.connect({ address: this.temporalAddress() });
    return new Client({ connection: await this.#connection, dataConverter: await clientDataConverter(this.stateDir) });
  }

  readonly temporalAddress = (): string => {
    const { port } = JSON.parse(readFileSync(join(this.stateDir, 'temporal', 'server.json'), 'utf8')) as {
      port: number;
    };
    return `127.0.0.1:${port}`;
  };

  killWorker(): void {
    const { pid } = JSON.parse(readFileSync(join(this.stateDir, 'worker', 'worker.json'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
  }

  readonly logs = (): string[] =>
    ['worker/worker.log', 'temporal/server.log'].map((file) => readFileSync(join(this.stateDir, file), 'utf8'));

  /** The directory of the topology's certificates and keys on this machine. */
  get secrets(): string {
    return join(this.stateDir, 'topologies', this.name, 'secrets');
  }
}

const optionsFor = (file: string | undefined): string[] => (file === undefined ? [] : ['-f', file]);

/** Each step as `<cluster> <part>: <verb> <object>`. */
export const plannedSteps = ({ plans }: Plan): string[] =>
  plans.flatMap(({ cluster, parts }) =>
    parts.flatMap((part) => stepLines(cluster, part.part, stepsOf({ parts: [part] }))),
  );

export const stepLines = (
  cluster: string,
  part: string,
  steps: readonly { verb: string; object: string }[],
): string[] => steps.map(({ verb, object }) => `${cluster} ${part}: ${verb} ${object}`);

/** Asks again and again until it is so. */
export async function eventually(what: string, look: () => boolean | Promise<boolean>, everyMs = 500): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await look())) {
    if (Date.now() > deadline) throw new Error(`still not so: ${what}`);
    await sleep(everyMs);
  }
}
