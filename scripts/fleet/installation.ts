import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { clientDataConverter } from '../../src/codec/data-converter.js';
import { readSettings, type Settings } from '../../src/starters/settings.js';
import { ensureEmbedded, stopEmbedded } from '../../src/starters/temporal/embedded.js';
import type { WorldReport } from '../../test/doubles/fleet/worker-process.js';
import type { WorldSettings } from '../../test/doubles/fleet/world.js';
import { ModelledWorker } from './modelled-worker.js';
import { figuresOf, type ProcessFigures } from './measure/process-figures.js';

interface Parts {
  settings: Settings;
  serverPid: number;
  connection: Connection;
  dataConverter: DataConverter;
  worker: ModelledWorker;
}

/** The Temporal server as the product embeds it, and one worker over a modelled world; both in a directory of their own. */
export class Installation {
  readonly client: Client;
  readonly directory: string;
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.directory = parts.settings.stateDir;
    this.client = new Client({ connection: parts.connection, dataConverter: parts.dataConverter });
  }

  static async start(world: WorldSettings, { profile }: { profile: boolean }): Promise<Installation> {
    const directory = mkdtempSync(join(tmpdir(), 'leafspan-fleet-'));
    const settings = readSettings({ env: { ...process.env, LEAFSPAN_STATE_DIR: directory }, home: homedir() });
    const { pid: serverPid, port } = await ensureEmbedded(settings, () => undefined);
    try {
      const address = `127.0.0.1:${port}`;
      const worker = await ModelledWorker.start({ directory, address, world, profile });
      const dataConverter = await clientDataConverter(directory);
      const connection = await Connection.connect({ address });
      return new Installation({ settings, serverPid, connection, dataConverter, worker });
    } catch (error) {
      await stopEmbedded(settings);
      throw error;
    }
  }

  readonly figures = (): { worker: ProcessFigures; server: ProcessFigures } => ({
    worker: figuresOf(this.#parts.worker.pid),
    server: figuresOf(this.#parts.serverPid),
  });

  /** Ends both processes. @returns what the worker told of its world; undefined when it did not end by itself */
  async stop({ keep }: { keep: boolean }): Promise<WorldReport | undefined> {
    const { settings, connection, worker } = this.#parts;
    const report = await worker.stop();
    await connection.close();
    await stopEmbedded(settings);
    if (!keep) rmSync(this.directory, { recursive: true, force: true });
    return report;
  }
}
