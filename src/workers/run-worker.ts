import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../activities/activities.js';
import { currentKeyId, workerDataConverter } from '../codec/data-converter.js';
import { TASK_QUEUE } from '../contract/names.js';
import { channelArgsFor } from '../local/proxy.js';
import { workerRecord, type WorkerRecord } from '../local/record.js';
import { stateIdOf } from '../local/state/state-id.js';
import { workerIdentity } from '../local/worker-identity.js';
import type { WorkerEnvironment } from './environment.js';
import { untilIdle } from './idle.js';
import { registerSearchAttributes } from './search-attributes.js';
import { refuseBesideStrangers } from './strangers.js';
import type { Wiring } from './wiring.js';
import { workflowBundle } from './workflow-bundle.js';

/**
 * Most of them wait for hosts and clusters, so slots are plenty: what is scarce, logins and transfers, has limits of its
 * own. 20 leaves at once, the default of a rollout, take some 200.
 */
const MAX_ACTIVITIES = 400;
/**
 * More than are open at once: a rollout works on at most 200 leaves. One that is not in the cache is replayed from its start
 * at each of its steps. About 1 MB each.
 */
const MAX_CACHED_WORKFLOWS = 250;
/** One thread carries them out, one after the other. More would wait in the worker instead of in the server, which knows who comes first. */
const MAX_WORKFLOW_TASKS = 12;
/**
 * Not in the types, and 5 s by default. A step of a workflow that takes longer is cut off, and that ends the whole process
 * (Node's async hooks are corrupted). Milliseconds are enough for one, unless the machine is overloaded or was suspended.
 */
const STEP_TIMEOUT = { isolateExecutionTimeout: '10m' };

/** Serves the task queue with these ports until a signal or, when idleExitSeconds is set, until nothing is left to do. */
export async function runWorker(environment: WorkerEnvironment, wiring: Wiring): Promise<void> {
  Runtime.install({
    logger: new DefaultLogger(environment.logLevel),
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'INFO' }, forward: {} } },
  });
  const { connectionOptions, namespace = 'default' } = environment.temporal;
  const address = connectionOptions.address ?? '127.0.0.1:7233';
  const stateId = stateIdOf(environment.stateDir);
  const channelArgs = channelArgsFor(address);
  const [codePath, connection, clientConnection] = await Promise.all([
    workflowBundle(environment.cacheDir, environment.buildId),
    NativeConnection.connect(connectionOptions),
    Connection.connect({ ...connectionOptions, channelArgs }),
  ]);
  try {
    await refuseBesideStrangers(clientConnection.workflowService, namespace, stateId);
    await registerSearchAttributes(clientConnection.operatorService, namespace);
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue: TASK_QUEUE,
      identity: workerIdentity(stateId, await currentKeyId(environment.stateDir)),
      dataConverter: await workerDataConverter(environment.stateDir),
      workflowBundle: { codePath },
      activities: createActivities(wiring.ports),
      maxConcurrentActivityTaskExecutions: MAX_ACTIVITIES,
      maxConcurrentWorkflowTaskExecutions: MAX_WORKFLOW_TASKS,
      maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
      ...STEP_TIMEOUT,
      // Heartbeats carry cancellations; the default would let one wait for most of the heartbeat time-out.
      maxHeartbeatThrottleInterval: '1s',
      shutdownGraceTime: '5s',
      shutdownForceTime: '20s',
    });
    const client = new Client({ connection: clientConnection, namespace });
    const record = { pid: process.pid, ready: true, address, namespace, buildId: environment.buildId };
    const running = serve(worker, client, record, environment);
    wiring.warm();
    await running;
  } finally {
    await wiring.close();
    await Promise.allSettled([connection.close(), clientConnection.close()]);
  }
}

/** Polls until a signal or, when idleExitSeconds is set, until nothing is left to do. */
async function serve(
  worker: Worker,
  client: Client,
  record: WorkerRecord,
  { stateDir, idleExitSeconds }: WorkerEnvironment,
): Promise<void> {
  const stopped = new AbortController();
  const file = workerRecord(stateDir);
  const running = Promise.all([worker.run(), file.write(record)]);
  if (idleExitSeconds !== undefined)
    untilIdle(client, idleExitSeconds, stopped.signal)
      .then(() => {
        worker.shutdown();
      })
      .catch(() => undefined); // aborted, since the worker stopped for another reason
  try {
    await running;
  } finally {
    stopped.abort();
    // Another worker may have taken the place meanwhile.
    if (file.read()?.pid === record.pid) file.remove();
  }
}
