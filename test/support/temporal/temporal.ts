import type { DataConverter } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { clientDataConverter } from '../../../src/codec/data-converter.js';
import type { Activities } from '../../../src/activities/activities.js';
import { searchAttributeKey, SEARCH_ATTRIBUTES } from '../../../src/contract/names.js';
import { temporalCli } from '../cli/temporal-cli.js';
import type { History } from './histories.js';
import { workflowBundle } from './workflow-bundle.js';

/** A real Temporal dev server of the test file's own. */
export interface TestTemporal {
  env: TestWorkflowEnvironment;
  /** @param stateDir whose key encrypts what the server sees; absent: nothing is encrypted */
  worker(taskQueue: string, activities: Activities, stateDir?: string): Promise<Worker>;
  /** Fails when a workflow would not decide again as it did. */
  replay(histories: ReadonlyMap<string, History>): Promise<void>;
  close(): Promise<void>;
}

Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } },
});

export async function startTemporal(serverArgs: readonly string[] = []): Promise<TestTemporal> {
  const path = await temporalCli();
  const [env, bundle] = await Promise.all([
    TestWorkflowEnvironment.createLocal({
      server: {
        executable: { type: 'existing-path', path },
        searchAttributes: Object.values(SEARCH_ATTRIBUTES).map(searchAttributeKey),
        // Otherwise each timer and each retry takes a second.
        extraArgs: ['--dynamic-config-value', 'history.timerProcessorMaxTimeShift="1ms"', ...serverArgs],
      },
    }),
    workflowBundle(),
  ]);
  return {
    env,
    worker: async (taskQueue, activities, stateDir) =>
      Worker.create({
        dataConverter: stateDir === undefined ? {} : await clientDataConverter(stateDir),
        connection: env.nativeConnection,
        taskQueue,
        workflowBundle: bundle,
        activities,
        maxHeartbeatThrottleInterval: '50ms',
        // So long does a server wait for a worker that has ended before it asks another one; 10 s by default.
        stickyQueueScheduleToStartTimeout: '2s',
        shutdownGraceTime: '10ms',
      }),
    replay: (histories) => replayAll(bundle, histories),
    close: () => env.teardown(),
  };
}

export async function replayAll(
  bundle: WorkflowBundleOption,
  histories: ReadonlyMap<string, History>,
  dataConverter: DataConverter = {},
): Promise<void> {
  const named = [...histories].map(([workflowId, history]) => ({ workflowId, history }));
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: bundle, dataConverter }, named))
    if (error !== undefined) throw new Error(`${workflowId} does not replay: ${error.message}`, { cause: error });
}
