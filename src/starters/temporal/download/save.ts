import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);

const PROXIES = ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'];

/** Saves what an address returns. @throws an error that says why not */
export async function saveTo(
  file: string,
  url: string,
  { timeoutMs, env }: { timeoutMs: number; env: NodeJS.ProcessEnv },
): Promise<void> {
  // Node's fetch goes through no proxy.
  if (PROXIES.some((name) => (env[name] ?? '') !== '')) {
    const seconds = String(Math.ceil(timeoutMs / 1000));
    await execute('curl', ['-fsSL', '--proto', '=https', '--max-time', seconds, '-o', file, url], { env });
    return;
  }
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status} for ${url}`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
}
