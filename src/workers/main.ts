import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../activities/activities.js';
import { TASK_QUEUE } from '../contract/names.js';
import { readEnvironment, type WorkerEnvironment } from './environment.js';
import { untilIdle } from './idle.js';
import { registerSearchAttributes } from './search-attributes.js';
import { wirePorts } from './wiring.js';
import { workflowBundle } from './workflow-bundle.js';

/** One SSH command is cheap for this process; what limits is the hosts' and the user's network. */
const MAX_ACTIVITIES = 50;
const MAX_CACHED_WORKFLOWS = 200;

/** What later commands read to find this worker. `ready` is set once it polls. */
interface WorkerRecord {
  pid: number;
  buildId: string;
  address: string;
  namespace: string;
  ready: boolean;
}

async function main(environment: WorkerEnvironment): Promise<void> {
  Runtime.install({
    logger: new DefaultLogger(environment.logLevel),
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'INFO' }, forward: {} } },
  });
  const { connectionOptions = {}, namespace = 'default' } = environment.temporal;
  const [bundle, connection, clientConnection] = await Promise.all([
    workflowBundle(environment.cacheDir, environment.buildId),
    NativeConnection.connect(connectionOptions),
    Connection.connect(connectionOptions),
  ]);
  await registerSearchAttributes(clientConnection, namespace);
  const { ports, close, warm } = wirePorts(environment);
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: TASK_QUEUE,
    identity: `leafspan ${process.pid}@${hostname()}`,
    workflowBundle: { codePath: bundle },
    activities: createActivities(ports),
    maxConcurrentActivityTaskExecutions: MAX_ACTIVITIES,
    maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
    // Heartbeats carry cancellations; the default would let one wait for most of the heartbeat time-out.
    maxHeartbeatThrottleInterval: '1s',
    shutdownGraceTime: '5s',
    shutdownForceTime: '20s',
  });
  const record = new RecordFile(environment.stateDir, {
    pid: process.pid,
    buildId: environment.buildId,
    address: connectionOptions.address ?? '127.0.0.1:7233',
    namespace,
    ready: true,
  });
  const stopLooking = new AbortController();
  const idle =
    environment.idleExitSeconds === undefined
      ? undefined
      : untilIdle(
          new Client({ connection: clientConnection, namespace }),
          environment.idleExitSeconds,
          stopLooking.signal,
        );
  try {
    const running = worker.run();
    record.write();
    warm();
    idle?.then(() => worker.shutdown()).catch(() => undefined); // the signal aborts it when the worker ends for another reason
    await running;
  } finally {
    stopLooking.abort();
    record.remove();
    await close();
    await Promise.allSettled([connection.close(), clientConnection.close()]);
  }
}

class RecordFile {
  readonly #file: string;
  readonly #record: WorkerRecord;

  constructor(stateDir: string, record: WorkerRecord) {
    mkdirSync(join(stateDir, 'worker'), { recursive: true, mode: 0o700 });
    this.#file = join(stateDir, 'worker', 'worker.json');
    this.#record = record;
  }

  write(): void {
    writeFileSync(`${this.#file}.${process.pid}`, JSON.stringify(this.#record), { mode: 0o600 });
    renameSync(`${this.#file}.${process.pid}`, this.#file);
  }

  /** Another worker may have taken the place meanwhile. */
  remove(): void {
    const current = JSON.parse(readFileSync(this.#file, 'utf8')) as WorkerRecord;
    if (current.pid === process.pid) rmSync(this.#file);
  }
}

await main(readEnvironment(process.env));
