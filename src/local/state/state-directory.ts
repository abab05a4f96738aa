import { mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

export interface LocalDirectories {
  /** Topologies, keys, worker and embedded Temporal. Mode 0700. */
  stateDir: string;
  /** What can be fetched or built again. */
  cacheDir: string;
}

/** An empty HOME is none, and Node takes it for one. */
export const homeOf = ({ HOME: home = '' }: NodeJS.ProcessEnv): string => (home === '' ? userInfo().homedir : home);

/** LEAFSPAN_STATE_DIR, else below the XDG base directories: https://specifications.freedesktop.org/basedir-spec/latest/ */
export function localDirectories(env: NodeJS.ProcessEnv, home = homeOf(env)): LocalDirectories {
  const base = (variable: string, ...below: string[]): string => {
    const given = env[variable] ?? '';
    // The specification: a relative path is invalid, and an empty one counts as unset.
    return join(isAbsolute(given) ? given : join(home, ...below), 'leafspan');
  };
  const own = env['LEAFSPAN_STATE_DIR'] ?? '';
  return {
    // The worker that a command starts has another current directory.
    stateDir: own === '' ? base('XDG_STATE_HOME', '.local', 'state') : resolve(own),
    cacheDir: base('XDG_CACHE_HOME', '.cache'),
  };
}

/** Makes the directory, which only its owner can read. Returns it. */
export function privateDirectory(directory: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}
