import { setTimeout as sleep } from 'node:timers/promises';
import { types } from 'node:util';
import { EnvHttpProxyAgent, fetch, type Dispatcher, type Response } from 'undici';
import { causeOf, codeOf, messageOf } from '../../contract/caught.js';
import { isProvisionError, ProvisionError } from '../../contract/errors.js';

export type Headers = Readonly<Record<string, string>>;
/** Resolves with any status. Rejects when no response came. */
export type Get = (url: string, headers: Headers, signal: AbortSignal) => Promise<Response>;

const CONNECT_TIMEOUT_MS = 10_000;
/** Without a byte for so long a line is dead. */
const SILENCE_TIMEOUT_MS = 60_000;
const ATTEMPTS = 4;
/** Statuses that another attempt may change, in addition to those from 500 on. */
const PASSING = [408, 425, 429];
/** Of this machine's disk; another attempt would fail in the same way. */
const DISK_FAULTS = ['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'EEXIST', 'EISDIR', 'ENOTDIR', 'EFBIG'];

export const isDiskError = (error: unknown): error is Error =>
  types.isNativeError(error) && DISK_FAULTS.includes(codeOf(error) ?? '');

/** The web, through the proxy that the environment names. */
export function openWeb(env: NodeJS.ProcessEnv): { get: Get; close: () => Promise<void> } {
  const named = (name: string): string => env[name] ?? env[name.toUpperCase()] ?? '';
  const dispatcher: Dispatcher = new EnvHttpProxyAgent({
    httpProxy: named('http_proxy'),
    httpsProxy: named('https_proxy'),
    noProxy: named('no_proxy'),
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: SILENCE_TIMEOUT_MS,
    bodyTimeout: SILENCE_TIMEOUT_MS,
  });
  return {
    // Ranges and checksums are of the file as it is stored, not compressed for the transfer.
    get: (url, headers, signal) =>
      fetch(url, { dispatcher, headers: { 'accept-encoding': 'identity', ...headers }, signal }),
    close: () => dispatcher.destroy(),
  };
}

/** Tries again what may pass. `pauseMs` grows with each attempt. */
export async function persistently<T>(
  url: string,
  { signal, pauseMs }: { signal: AbortSignal; pauseMs: number },
  attempt: () => Promise<T>,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (isProvisionError(error) || isDiskError(error)) throw error;
      if (failures === ATTEMPTS) throw notFetched(url, reasonOf(error));
    }
    await sleep(failures * pauseMs, undefined, { signal });
  }
}

/** @throws ProvisionError DOWNLOAD_FAILED when asking again would change nothing */
export async function demand(response: Response, url: string, alsoFine: readonly number[] = []): Promise<Response> {
  const { ok, status } = response;
  if (ok || alsoFine.includes(status)) return response;
  await discard(response);
  if (status >= 500 || PASSING.includes(status)) throw new Error(`HTTP ${status}`);
  throw notFetched(url, `HTTP ${status}`);
}

/** A list of checksums, an index of images. */
const MAX_SMALL_MB = 4;

/** @throws ProvisionError ARTIFACT_CORRUPT for a body that is no small one */
export async function readSmall(response: Response, url: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const body: AsyncIterable<Uint8Array> | readonly Uint8Array[] = response.body ?? [];
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_SMALL_MB << 20)
      throw new ProvisionError('ARTIFACT_CORRUPT', `${url} is longer than ${MAX_SMALL_MB} MB`, 'check the mirror');
  }
  return Buffer.concat(chunks);
}

export const discard = (response: Response): Promise<void> =>
  response.body?.cancel().catch(() => undefined) ?? Promise.resolve();

const notFetched = (url: string, reason: string): ProvisionError =>
  new ProvisionError(
    'DOWNLOAD_FAILED',
    `${url} cannot be fetched: ${reason}`,
    'check the versions and the mirror, and that this machine can reach it; run the command again to continue',
  );

/** fetch says only "fetch failed"; why is in the cause. */
function reasonOf(error: unknown): string {
  const cause = causeOf(error);
  return codeOf(cause) ?? messageOf(cause ?? error);
}
