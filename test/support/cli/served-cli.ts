import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { Worker } from '@temporalio/worker';
import { TASK_QUEUE } from '../../../src/contract/names.js';
import { Cli, topologyFile, type Ran } from './cli.js';
import { ModelSystem } from '../model-system.js';
import { untilPolled } from '../temporal/polled.js';
import { startTemporal, type TestTemporal } from '../temporal/temporal.js';

/** The command line against a real server and the real workflows; the clusters are in memory. Each test has its own. */
export class ServedCli {
  system = new ModelSystem();
  name = '';
  #cli = new Cli();
  #count = 0;

  constructor() {
    const served: { temporal?: TestTemporal; worker?: Worker; working?: Promise<void> } = {};
    beforeAll(async () => {
      served.temporal = await startTemporal();
    });
    beforeEach(async () => {
      const { temporal } = served;
      if (temporal === undefined) return;
      this.#count += 1;
      this.name = `plant-${this.#count}`;
      this.system = new ModelSystem();
      this.#cli = new Cli({ TEMPORAL_ADDRESS: temporal.env.address });
      served.worker = await temporal.worker(TASK_QUEUE, this.system.activities, this.#cli.stateDir);
      served.working = served.worker.run();
      await untilPolled(temporal.env.client.workflowService);
    });
    afterEach(async () => {
      served.worker?.shutdown();
      await served.working;
    });
    afterAll(() => served.temporal?.close());
  }

  get stateDir(): string {
    return this.#cli.stateDir;
  }

  run(...argv: string[]): Promise<Ran> {
    return this.#cli.run(...argv);
  }

  /** Writes a topology file of the test's own name. */
  topology(changes: object = {}, file = 'topology.yaml'): string {
    return this.#cli.write(file, topologyFile({ name: this.name, ...changes }));
  }

  /** Starts a run and returns once the phase waits. */
  async provisionUntil(phase: string): Promise<{ ended: Promise<Ran> }> {
    const ended = this.run('provision', '-f', this.topology({ approvals: [phase] }));
    for (;;) {
      const { stdout } = await this.run('status', this.name, '--json');
      if (stdout.includes(`"waitingFor"`)) return { ended };
      await sleep(50);
    }
  }
}

const leaf = (letter: string, index: number): object => ({
  name: `cluster-${letter}`,
  hosts: [{ name: `vm-${letter}`, ssh: { address: `192.0.2.${20 + index}`, user: 'ubuntu' } }],
});
const leaves = (letters: string): object => ({ leaves: Array.from(letters).map(leaf) });

export const TWO_LEAVES = leaves('bc');
/** Enough for a table in place of a tree. */
export const TWELVE_LEAVES = leaves('bcdefghijklm');
