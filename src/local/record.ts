import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from './atomic-file.js';
import { fields, readJsonFile, type Schema } from './json.js';

/** A small file that describes a process which outlives the command that started it. */
export class RecordFile<T extends object> {
  readonly #file: string;
  readonly #schema: Schema<T>;

  constructor(file: string, schema: Schema<T>) {
    this.#file = file;
    this.#schema = schema;
  }

  write(record: T): Promise<void> {
    return writeWhole(this.#file, `${JSON.stringify(record, null, 2)}\n`);
  }

  /** undefined: there is none, or it is damaged and describes nothing. */
  read(): T | undefined {
    try {
      return readJsonFile(this.#file, this.#schema);
    } catch {
      return undefined;
    }
  }

  remove(): void {
    rmSync(this.#file, { force: true });
  }
}

/** The worker of a state directory, written by itself once it polls the task queue. */
export interface WorkerRecord {
  pid: number;
  ready: boolean;
  /** Of the Temporal server that it serves. */
  address: string;
  namespace: string;
  /** Hash of what it runs. */
  buildId: string;
}

const WORKER: Schema<WorkerRecord> = fields({
  pid: 'number',
  ready: 'boolean',
  address: 'string',
  namespace: 'string',
  buildId: 'string',
});

export const workerDirectory = (stateDir: string): string => join(stateDir, 'worker');

export const workerRecord = (stateDir: string): RecordFile<WorkerRecord> =>
  new RecordFile(join(workerDirectory(stateDir), 'worker.json'), WORKER);
