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
  const { connectionOptions, namespace = 'default' } = environment.temporal;
  const [codePath, connection, clientConnection] = await Promise.all([
    workflowBundle(environment.cacheDir, environment.buildId),
    NativeConnection.connect(connectionOptions),
    Connection.connect(connectionOptions),
  ]);
  const wiring = wirePorts(environment);
  try {
    await registerSearchAttributes(clientConnection, namespace);
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue: TASK_QUEUE,
      identity: `leafspan ${process.pid}@${hostname()}`,
      workflowBundle: { codePath },
      activities: createActivities(wiring.ports),
      maxConcurrentActivityTaskExecutions: MAX_ACTIVITIES,
      maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
      // Heartbeats carry cancellations; the default would let one wait for most of the heartbeat time-out.
      maxHeartbeatThrottleInterval: '1s',
      shutdownGraceTime: '5s',
      shutdownForceTime: '20s',
    });
    const record = new RecordFile(environment, connectionOptions.address ?? '127.0.0.1:7233', namespace);
    const running = serve(
      worker,
      record,
      new Client({ connection: clientConnection, namespace }),
      environment.idleExitSeconds,
    );
    wiring.warm();
    await running;
  } finally {
    await wiring.close();
    await Promise.allSettled([connection.close(), clientConnection.close()]);
  }
}

/** Polls until told to stop or, when so asked, until there is nothing left to do. */
async function serve(
  worker: Worker,
  record: RecordFile,
  client: Client,
  idleExitSeconds: number | undefined,
): Promise<void> {
  const ended = new AbortController();
  const running = worker.run();
  record.write();
  if (idleExitSeconds !== undefined)
    untilIdle(client, idleExitSeconds, ended.signal)
      .then(() => {
        worker.shutdown();
      })
      .catch(() => undefined); // aborted, since the worker has ended for another reason
  try {
    await running;
  } finally {
    ended.abort();
    record.remove();
  }
}

class RecordFile {
  readonly #file: string;
  readonly #record: WorkerRecord;

  constructor({ stateDir, buildId }: WorkerEnvironment, address: string, namespace: string) {
    mkdirSync(join(stateDir, 'worker'), { recursive: true, mode: 0o700 });
    this.#file = join(stateDir, 'worker', 'worker.json');
    this.#record = { pid: process.pid, buildId, address, namespace, ready: true };
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
