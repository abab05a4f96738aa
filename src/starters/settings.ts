import { localDirectories, type LocalDirectories } from '../local/state/state-directory.js';
import type { Io } from './io.js';

/** The environment, read in one place. */
export interface Settings extends LocalDirectories {
  /** A Temporal CLI of the user's choice. */
  temporalCli?: string;
  /** The bundle that feeds the lab. */
  labBundle?: string;
  /** Directories that are searched for programs. */
  path: string[];
  /** Set by bin/bootstrap.js: the hash of what a worker runs. Absent in tests. */
  buildId?: string;
  /** The user as approvals name them: user@host. */
  user: string;
  /** Seconds after which an idle worker that was started on demand exits. */
  workerIdleExitS: number;
  /** The SSH agent, for hosts without a private key file. */
  agentSocket: string | undefined;
  /** Whose ~/.ssh is read. */
  home: string;
  /** Handed down to the processes that are started. */
  childEnv: NodeJS.ProcessEnv;
  /** Tests and other users of the same machine may move the ports of the embedded server. */
  temporalPort: number;
  temporalUiPort: number;
}

const IDLE_EXIT_S = 300;
const TEMPORAL_PORT = 7233;
const TEMPORAL_UI_PORT = 8233;

export function readSettings({ env, home }: Pick<Io, 'env' | 'home'>): Settings {
  const { LEAFSPAN_TEMPORAL_CLI: temporalCli, LEAFSPAN_BUILD_ID: buildId, LEAFSPAN_LAB_BUNDLE: labBundle = '' } = env;
  return {
    ...localDirectories(env, home),
    ...(temporalCli === undefined ? {} : { temporalCli }),
    ...(labBundle === '' ? {} : { labBundle }),
    path: (env['PATH'] ?? '').split(':').filter((directory) => directory !== ''),
    ...(buildId === undefined ? {} : { buildId }),
    user: `${env['USER'] ?? env['LOGNAME'] ?? 'unknown'}@${env['HOSTNAME'] ?? 'localhost'}`,
    workerIdleExitS: Number(env['LEAFSPAN_WORKER_IDLE_EXIT_S'] ?? IDLE_EXIT_S),
    agentSocket: env['SSH_AUTH_SOCK'],
    home,
    childEnv: env,
    temporalPort: Number(env['LEAFSPAN_TEMPORAL_PORT'] ?? TEMPORAL_PORT),
    temporalUiPort: Number(env['LEAFSPAN_TEMPORAL_UI_PORT'] ?? TEMPORAL_UI_PORT),
  };
}
