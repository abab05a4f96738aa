import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ProvisionError } from '../../contract/errors.js';
import { TASK_QUEUE } from '../../contract/names.js';
import { isAlive } from '../../local/processes.js';
import { workerDirectory, workerRecord } from '../../local/record.js';
import { privateDirectory } from '../../local/state/state-directory.js';
import { stateIdOf } from '../../local/state/state-id.js';
import { livePollers, strangersAmong, WORKER_MARKER } from '../../local/worker-identity.js';
import type { Settings } from '../settings.js';
import type { Target, Temporal } from './connect.js';
import { keepHistories } from './namespace.js';
import { refuseOtherKey } from './other-key.js';
import { endProcess, sizeOf, spawnDetached, tailOf } from './processes.js';

type Note = (text: string) => void;

const PROGRAM = fileURLToPath(new URL('../../../bin/leafspan-worker.js', import.meta.url));
const PRELOAD = fileURLToPath(new URL('../../../bin/workflow-thread.cjs', import.meta.url));
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 50;
/** The worker lets running activities finish; the rest continue in the next worker. */
const END_GRACE_MS = 10_000;

export const workerLog = ({ stateDir }: Settings): string => join(workerDirectory(stateDir), 'worker.log');

/**
 * Each of Temporal's native threads would keep an arena of memory of its own; few of them, and a small nursery for new
 * objects, take 40 MB off an idle worker. glibc would keep what is freed in pieces of up to 32 MB, once one of that size
 * was: with fixed thresholds a run that sends a bundle takes 20 MB less. Garbage may become half as large as what is in use;
 * up to four times as large otherwise, which takes 100 MB with 200 leaves at once. With the preload a
 * workflow is replayed in a quarter of the time.
 */
export const WORKER_NODE = {
  env: { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '65536', MALLOC_TRIM_THRESHOLD_: '131072' },
  arguments: ['--max-semi-space-size=4', '--heap-growing-percent=50', '--require', PRELOAD],
} as const;

/** What a worker's process needs in addition to its own environment. */
export const workerEnv = (settings: Settings, { kind, address, namespace }: Target): NodeJS.ProcessEnv => ({
  ...WORKER_NODE.env,
  ...settings.childEnv,
  LEAFSPAN_STATE_DIR: settings.stateDir,
  ...(kind === 'embedded' ? { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } : {}),
});

export const workerArguments = [...WORKER_NODE.arguments, PROGRAM];

type LocalWorker = 'fit' | 'stale' | 'none';

/** Whether the worker of this state directory runs, serves this server and is of this build. */
export function localWorker(settings: Settings, target: Target): LocalWorker {
  const record = workerRecord(settings.stateDir).read();
  if (record === undefined || !isAlive(record.pid, WORKER_MARKER)) return 'none';
  const sameServer = record.address === target.address && record.namespace === target.namespace;
  const sameBuild = settings.buildId === undefined || record.buildId === settings.buildId;
  return sameServer && sameBuild ? 'fit' : 'stale';
}

/**
 * Makes sure that a worker polls the task queue. Two commands at once start one worker.
 * @returns whether one was started
 * @throws ProvisionError WORKER_NOT_STARTED
 */
export async function ensureWorker(settings: Settings, temporal: Temporal, note: Note): Promise<boolean> {
  if (localWorker(settings, temporal) === 'fit' && isReady(settings)) return false;
  if (localWorker(settings, temporal) === 'none' && (await servedElsewhere(settings, temporal, note))) return false;
  const directory = privateDirectory(workerDirectory(settings.stateDir));
  const { withLock } = await import('../../local/lock.js');
  return withLock(join(directory, 'lock'), {}, async () => {
    const found = localWorker(settings, temporal);
    if (found === 'fit') {
      if (!isReady(settings)) await awaitReady(settings);
      return false;
    }
    if (found === 'stale') {
      note('the worker runs another build; restarting it');
      await stopWorker(settings);
    }
    if (temporal.kind === 'embedded') await keepHistories(temporal.client, temporal.namespace);
    await startWorker(settings, temporal);
    return true;
  });
}

const isReady = (settings: Settings): boolean => workerRecord(settings.stateDir).read()?.ready === true;

/** All workers of the embedded server are recorded here; a configured one may have workers on other machines. */
async function servedElsewhere(
  { stateDir }: Settings,
  { kind, client, namespace }: Temporal,
  note: Note,
): Promise<boolean> {
  if (kind === 'embedded') return false;
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: TASK_QUEUE },
  });
  const [first, ...more] = livePollers(pollers);
  if (first === undefined) return false;
  const strangers = strangersAmong([first, ...more], stateIdOf(stateDir));
  if (strangers[0] !== undefined) {
    await refuseOtherKey(strangers[0], stateDir);
    note(`the worker "${strangers[0]}" does the work, with the keys of its own state directory and its own SSH agent`);
  }
  return true;
}

async function startWorker(settings: Settings, target: Target): Promise<void> {
  const log = workerLog(settings);
  const logStart = sizeOf(log);
  workerRecord(settings.stateDir).remove();
  const env = {
    ...workerEnv(settings, target),
    LEAFSPAN_WORKER_IDLE_EXIT_S: String(settings.workerIdleExitS),
  };
  const worker = await spawnDetached(process.execPath, workerArguments, log, env);
  await awaitReady(settings, () => {
    const code = worker.exitCode();
    return code === undefined ? undefined : { code, output: tailOf(log, logStart, 20) };
  });
}

type Ended = () => { code: number; output: string } | undefined;

async function awaitReady(settings: Settings, ended: Ended = () => undefined): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!isReady(settings)) {
    const end = ended();
    if (end !== undefined || Date.now() > deadline) {
      const what =
        end === undefined ? `is not ready after ${START_TIMEOUT_MS / 1000} s` : `exited with code ${end.code}`;
      throw new ProvisionError(
        'WORKER_NOT_STARTED',
        `the worker ${what}`,
        `read its log: ${workerLog(settings)}`,
        {},
        end?.output,
      );
    }
    await sleep(POLL_MS);
  }
}

/** Returns whether there was a worker to stop. */
export async function stopWorker(settings: Settings): Promise<boolean> {
  const record = workerRecord(settings.stateDir).read();
  if (record === undefined || !isAlive(record.pid, WORKER_MARKER)) return false;
  await endProcess(record.pid, WORKER_MARKER, END_GRACE_MS);
  workerRecord(settings.stateDir).remove();
  return true;
}
