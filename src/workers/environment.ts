import { loadClientConnectConfig } from '@temporalio/envconfig';
import { localDirectories, type LocalDirectories } from '../local/state-directory.js';

/** What the worker's environment says. The command line passes its own settings down; a worker started by hand has the same defaults. */
export interface WorkerEnvironment extends LocalDirectories {
  temporal: ReturnType<typeof loadClientConnectConfig>;
  /** Hash of what this worker runs; a change of it makes the command line start another worker. */
  buildId: string;
  /** End after so many seconds without an open workflow; absent: run until told to stop. */
  idleExitSeconds?: number;
  agentSocket?: string;
  logLevel: 'DEBUG' | 'INFO' | 'WARN';
}

export function readEnvironment(env: NodeJS.ProcessEnv): WorkerEnvironment {
  const { LEAFSPAN_WORKER_IDLE_EXIT_S: idle, SSH_AUTH_SOCK: agentSocket } = env;
  return {
    temporal: loadClientConnectConfig(),
    ...localDirectories(env),
    buildId: env['LEAFSPAN_BUILD_ID'] ?? 'unknown',
    ...(idle === undefined ? {} : { idleExitSeconds: Number(idle) }),
    ...(agentSocket === undefined ? {} : { agentSocket }),
    logLevel: env['LEAFSPAN_LOG'] === 'debug' ? 'DEBUG' : 'INFO',
  };
}
