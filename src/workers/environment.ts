import { homedir } from 'node:os';
import { join } from 'node:path';
import { loadClientConnectConfig } from '@temporalio/envconfig';

/** What the worker's environment says. The command line passes its own settings down; a worker started by hand has the same defaults. */
export interface WorkerEnvironment {
  temporal: ReturnType<typeof loadClientConnectConfig>;
  stateDir: string;
  cacheDir: string;
  /** Hash of what this worker runs; a change of it makes the command line start another worker. */
  buildId: string;
  /** End after so many seconds without an open workflow; absent: run until told to stop. */
  idleExitSeconds?: number;
  agentSocket?: string;
  logLevel: 'DEBUG' | 'INFO' | 'WARN';
}

export function readEnvironment(env: NodeJS.ProcessEnv): WorkerEnvironment {
  const state = env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state');
  const cache = env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const { LEAFSPAN_WORKER_IDLE_EXIT_S: idle, SSH_AUTH_SOCK: agentSocket } = env;
  return {
    temporal: loadClientConnectConfig(),
    stateDir: env['LEAFSPAN_STATE_DIR'] ?? join(state, 'leafspan'),
    cacheDir: join(cache, 'leafspan'),
    buildId: env['LEAFSPAN_BUILD_ID'] ?? 'unknown',
    ...(idle === undefined ? {} : { idleExitSeconds: Number(idle) }),
    ...(agentSocket === undefined ? {} : { agentSocket }),
    logLevel: env['LEAFSPAN_LOG'] === 'debug' ? 'DEBUG' : 'INFO',
  };
}
