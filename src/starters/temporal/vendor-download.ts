import { execFile } from 'node:child_process';
import { createWriteStream, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { causeOf, codeOf, messageOf } from '../../contract/caught.js';
import { fields } from '../../local/json.js';
import type { Fetch } from './fetch.js';

const execute = promisify(execFile);

const RESPONSE_TIMEOUT_MS = 3_000;
const DOWNLOAD_TIMEOUT_MS = 300_000;
const ARCHES: Partial<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** What the vendor's server returns, as the Temporal SDK itself asks it. */
const DOWNLOAD = fields({ archiveUrl: 'string', fileToExtract: 'string' });

/** Names of the program in the archive: what the server says becomes an argument and a path. */
const PROGRAMS = ['temporal', './temporal'];

export const fetchFromVendor: Fetch = async (version, target, env) => {
  const work = dirname(target);
  try {
    const { archiveUrl, fileToExtract } = await askVendor(version);
    if (!archiveUrl.startsWith('https://')) return `it names ${archiveUrl}, which is not https`;
    if (!PROGRAMS.includes(fileToExtract)) return `it names the program ${JSON.stringify(fileToExtract)}`;
    const archive = join(work, 'temporal.tar.gz');
    const response = await fetch(archiveUrl, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
    if (!response.ok || response.body === null) return `HTTP ${response.status} for ${archiveUrl}`;
    await pipeline(Readable.fromWeb(response.body), createWriteStream(archive));
    await execute('tar', ['-xzf', archive, '-C', work, '--', fileToExtract], { env });
    if (join(work, fileToExtract) !== target) renameSync(join(work, fileToExtract), target);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
};

async function askVendor(version: string): Promise<ReturnType<typeof DOWNLOAD.parse>> {
  const { arch, platform } = process;
  const query = new URLSearchParams({ arch: ARCHES[arch] ?? arch, platform, format: 'tar.gz' });
  const url = `https://temporal.download/cli/v${version}?${query.toString()}`;
  const response = await fetch(url, { signal: AbortSignal.timeout(RESPONSE_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`HTTP ${response.status} for ${url}`);
  return DOWNLOAD.parse(await response.json());
}

/** fetch says only "fetch failed"; why is in the cause. */
const reasonOf = (error: unknown): string => codeOf(causeOf(error)) ?? messageOf(error);
