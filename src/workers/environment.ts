import { loadClientConnectConfig } from '@temporalio/envconfig';
import { SSH_LIMITS, type SshLimits } from '../adapters/ssh/ssh-host-shell.js';
import { ProvisionError } from '../contract/errors.js';
import { homeOf, localDirectories, type LocalDirectories } from '../local/state/state-directory.js';

/** What the worker's environment says. The command line passes its own settings down; a worker started manually has the same defaults. */
export interface WorkerEnvironment extends LocalDirectories {
  temporal: ReturnType<typeof loadClientConnectConfig>;
  /** Hash of what this worker runs; a change of it makes the command line start another worker. */
  buildId: string;
  /** Exit after so many seconds without an open workflow; absent: run until a signal. */
  idleExitSeconds?: number;
  agentSocket?: string;
  /** Whose ~/.ssh is read. */
  home: string;
  sshLimits: SshLimits;
  logLevel: 'DEBUG' | 'INFO' | 'WARN';
}

const LIMIT_MAX = 1_000;

/** @throws ProvisionError USAGE */
export function readEnvironment(env: NodeJS.ProcessEnv): WorkerEnvironment {
  const { LEAFSPAN_WORKER_IDLE_EXIT_S: idle, SSH_AUTH_SOCK: agentSocket } = env;
  return {
    temporal: loadClientConnectConfig(),
    ...localDirectories(env),
    home: homeOf(env),
    buildId: env['LEAFSPAN_BUILD_ID'] ?? 'unknown',
    ...(idle === undefined ? {} : { idleExitSeconds: Number(idle) }),
    ...(agentSocket === undefined ? {} : { agentSocket }),
    sshLimits: {
      logins: limitOf(env, 'LEAFSPAN_MAX_LOGINS', SSH_LIMITS.logins),
      transfers: limitOf(env, 'LEAFSPAN_MAX_TRANSFERS', SSH_LIMITS.transfers),
    },
    logLevel: env['LEAFSPAN_LOG'] === 'debug' ? 'DEBUG' : 'INFO',
  };
}

function limitOf(env: NodeJS.ProcessEnv, name: string, preset: number): number {
  const text = env[name];
  if (text === undefined || text === '') return preset;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MAX) return limit;
  throw new ProvisionError(
    'USAGE',
    `${name} is "${text}", not a whole number from 1 to ${LIMIT_MAX}`,
    `unset ${name} for the default of ${preset}, or set it to such a number`,
  );
}
