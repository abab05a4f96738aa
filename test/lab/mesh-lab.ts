import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import type { CheckResult } from '../../src/contract/checks.js';
import type { ProvisionResult } from '../../src/contract/runs.js';
import { ensureBundle } from '../../src/lab/bundle/bundle.js';
import { labDefaults } from '../../src/lab/lab.js';
import type { RunView } from '../../src/starters/watch/view.js';
import { meshBundle } from '../doubles/linkerd/bundle.js';
import { LeafspanCli } from '../support/leafspan-cli.js';
import { overSsh } from './host-snapshots.js';

interface LabTopology {
  broker: { hosts: { ssh: { address: string; privateKeyFile: string } }[] };
  leaves: { name: string; hosts: { ssh: { address: string } }[] }[];
  nats: object;
  artifacts?: { bundle?: string };
}

/** A run takes at most this long on a machine that does much else. */
const PATIENCE_MS = 300_000;

const KUBECTL = `k() { KUBECONFIG=/etc/rancher/k3s/k3s.yaml /usr/local/bin/k3s kubectl --cache-dir /tmp/leafspan-test "$@"; }`;

/** A lab whose hosts are linked by the double of Linkerd; lab, state and Temporal server are its own. */
export class MeshLab {
  readonly #folder: string;
  readonly #labState: string;
  readonly #stateDir: string;
  readonly cli: LeafspanCli;

  constructor(
    readonly name: string,
    folder = mkdtempSync(join(tmpdir(), 'leafspan-mesh-')),
  ) {
    this.#folder = folder;
    this.#labState = join(folder, 'lab');
    this.#stateDir = join(folder, 'state');
    this.cli = new LeafspanCli({
      LEAFSPAN_STATE_DIR: this.#stateDir,
      LEAFSPAN_LAB_NAME: name,
      LEAFSPAN_LAB_STATE: this.#labState,
      LEAFSPAN_WORKER_IDLE_EXIT_S: '600',
    });
  }

  /** The command's own bundle, which it makes when it is not in the cache, with the double added. */
  async up(): Promise<void> {
    const { cacheDir } = labDefaults(process.env);
    const { dir } = await ensureBundle({ cacheDir, report: () => undefined });
    await this.cli.mustRun('lab', 'up', '--yes', '--bundle', await meshBundle(dir, cacheDir));
  }

  readonly remove = async (): Promise<void> => {
    await this.cli.run('stop');
    await this.cli.run('lab', 'down');
    rmSync(this.#folder, { recursive: true, force: true });
  };

  /** Runs a script on a host as root; `k` in it is kubectl, which leaves no cache behind. */
  readonly on = (host: string, script: string): string => {
    const { broker, leaves } = this.#written();
    const addresses = [broker, ...leaves].map(({ hosts }) => hosts[0]?.ssh.address ?? '');
    const named = Object.fromEntries(addresses.map((address, index) => [`vm-${'abc'[index] ?? '?'}`, address]));
    return overSsh(broker.hosts[0]?.ssh.privateKeyFile ?? '', named)(host, `${KUBECTL}\n${script}`);
  };

  readonly address = (host: string): string => this.on(host, "hostname -I | tr ' ' '\\n' | grep '^172\\.30\\.'").trim();

  /** A topology of its own for what a test wants; the name is the lab's. */
  topology(exposure: 'loadBalancer' | 'nodePort', leaves = ['cluster-b']): string {
    const written = this.#written();
    const wanted = {
      ...written,
      leaves: written.leaves.filter(({ name }) => leaves.includes(name)),
      link: { mode: 'mesh', gateway: { exposure } },
      nats: { ...written.nats, publishEvery: '1s' },
    };
    const file = join(this.#folder, `${exposure}-${leaves.join('-')}.yaml`);
    writeFileSync(file, stringify(wanted));
    return file;
  }

  /** The bundle that the lab's own topology names. */
  readonly bundle = (): string | undefined => this.#written().artifacts?.bundle;

  provision = (file: string): Promise<ProvisionResult> => this.cli.json<ProvisionResult>('provision', '-f', file);

  /** A check that fails makes the exit code 1, and the list is printed all the same. */
  async verify(): Promise<{ code: number | null; checks: CheckResult[] }> {
    const { code, stdout } = await this.cli.run('verify', this.name, '--json');
    return { code, checks: JSON.parse(stdout) as CheckResult[] };
  }

  /** Asks for the status of the run in progress until a step has begun. */
  async untilBegun(step: string): Promise<void> {
    await eventually(`step ${step} has begun`, async () => {
      const view = JSON.parse((await this.cli.run('status', this.name, '--json')).stdout) as RunView;
      if (view.phases.some((phase) => phase.steps.some(({ id }) => id === step))) return true;
      if (['done', 'failed', 'degraded'].includes(view.state)) throw new Error(`the run ended as ${view.state}`);
      return false;
    });
  }

  readonly workerPid = (): number =>
    (JSON.parse(readFileSync(join(this.#stateDir, 'worker', 'worker.json'), 'utf8')) as { pid: number }).pid;

  readonly temporalAddress = (): string => {
    const { port } = JSON.parse(readFileSync(join(this.#stateDir, 'temporal', 'server.json'), 'utf8')) as {
      port: number;
    };
    return `127.0.0.1:${port}`;
  };

  readonly logs = (): string[] =>
    ['worker/worker.log', 'temporal/server.log'].map((file) => readFileSync(join(this.#stateDir, file), 'utf8'));

  readonly #written = (): LabTopology =>
    parse(readFileSync(join(this.#labState, 'topology.yaml'), 'utf8')) as LabTopology;
}

/** Asks again and again until it is so. */
export async function eventually(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await look())) {
    if (Date.now() > deadline) throw new Error(`still not so: ${what}`);
    await sleep(500);
  }
}

/** Those that do not hold, by id; a pair of clusters has each id once. */
export const failures = (checks: readonly CheckResult[]): Record<string, string> =>
  Object.fromEntries(
    checks.flatMap(({ id, verdict }) =>
      verdict.state === 'fail' ? [[id, `${verdict.because} ${verdict.saw ?? ''}`]] : [],
    ),
  );

export const notPassed = (checks: readonly CheckResult[]): CheckResult[] =>
  checks.filter(({ verdict }) => verdict.state !== 'pass');
