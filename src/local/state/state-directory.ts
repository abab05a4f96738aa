import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

export interface LocalDirectories {
  /** Topologies, keys, worker and embedded Temporal. Mode 0700. */
  stateDir: string;
  /** What can be fetched or built again. */
  cacheDir: string;
}

export const homeOf = (env: NodeJS.ProcessEnv): string => env['HOME'] ?? homedir();

/** LEAFSPAN_STATE_DIR, else below the XDG base directories: https://specifications.freedesktop.org/basedir-spec/latest/ */
export function localDirectories(env: NodeJS.ProcessEnv, home = homeOf(env)): LocalDirectories {
  const base = (variable: string, ...below: string[]): string => {
    const given = env[variable] ?? '';
    // The specification: a relative path is invalid, and an empty one counts as unset.
    return join(isAbsolute(given) ? given : join(home, ...below), 'leafspan');
  };
  return {
    stateDir: env['LEAFSPAN_STATE_DIR'] ?? base('XDG_STATE_HOME', '.local', 'state'),
    cacheDir: base('XDG_CACHE_HOME', '.cache'),
  };
}

/** Makes the directory, which only its owner can read. Returns it. */
export function privateDirectory(directory: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}
