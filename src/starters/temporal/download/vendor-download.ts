import { execFile } from 'node:child_process';
import { readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { causeOf, codeOf, messageOf } from '../../../contract/caught.js';
import { fields, parseJson } from '../../../local/json.js';
import type { Fetch } from './fetch.js';
import { saveTo } from './save.js';

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
    const { archiveUrl, fileToExtract } = await askVendor(version, work, env);
    if (!archiveUrl.startsWith('https://')) return `it names ${archiveUrl}, which is not https`;
    if (!PROGRAMS.includes(fileToExtract)) return `it names the program ${JSON.stringify(fileToExtract)}`;
    const archive = join(work, 'temporal.tar.gz');
    await saveTo(archive, archiveUrl, { timeoutMs: DOWNLOAD_TIMEOUT_MS, env });
    await execute('tar', ['-xzf', archive, '-C', work, '--', fileToExtract], { env });
    if (join(work, fileToExtract) !== target) renameSync(join(work, fileToExtract), target);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
};

async function askVendor(
  version: string,
  work: string,
  env: NodeJS.ProcessEnv,
): Promise<ReturnType<typeof DOWNLOAD.parse>> {
  const { arch, platform } = process;
  const query = new URLSearchParams({ arch: ARCHES[arch] ?? arch, platform, format: 'tar.gz' });
  const url = `https://temporal.download/cli/v${version}?${query.toString()}`;
  const file = join(work, 'download.json');
  await saveTo(file, url, { timeoutMs: RESPONSE_TIMEOUT_MS, env });
  return parseJson(readFileSync(file, 'utf8'), DOWNLOAD);
}

/** fetch says only "fetch failed"; why is in the cause. */
const reasonOf = (error: unknown): string => codeOf(causeOf(error)) ?? messageOf(error);
