import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isProvisionError, ProvisionError } from '../../contract/errors.js';
import { demand, discard, persistently, readSmall, type Get } from './web.js';

export interface Fetching {
  get: Get;
  signal: AbortSignal;
  /** Before the second attempt; later ones wait longer. */
  pauseMs: number;
  /** Bytes that are there, of how many when the server says. */
  onBytes?: (received: number, total: number | undefined) => void;
}

/**
 * Downloads a file and resumes what an earlier attempt or an earlier process left of it.
 * @throws ProvisionError DOWNLOAD_FAILED, ARTIFACT_CORRUPT
 */
export async function download(
  { url, sha256 }: { url: string; sha256: string },
  file: string,
  fetching: Fetching,
): Promise<void> {
  if ((await bytesOf(file)) > 0 && (await sha256Of(file, fetching.signal)) === sha256) return;
  await persistently(url, fetching, async () => {
    const resumed = await receive(url, file, fetching);
    const sum = await sha256Of(file, fetching.signal);
    if (sum === sha256) return;
    await rm(file);
    // The beginning may have been of another file; what is wrong from the first byte on will stay wrong.
    if (resumed) throw new Error(`SHA-256 ${sum} instead of ${sha256}`);
    throw new ProvisionError(
      'ARTIFACT_CORRUPT',
      `${url} has SHA-256 ${sum} instead of ${sha256}`,
      'check the mirror, or what stands between this machine and the publisher',
    );
  });
}

/** Receives the whole file, over several connections while each one yields bytes. True: it took more than one. */
async function receive(url: string, file: string, fetching: Fetching): Promise<boolean> {
  let resumed = false;
  for (;;) {
    const before = await bytesOf(file);
    resumed ||= before > 0;
    try {
      await append(url, file, before, fetching);
      return resumed;
    } catch (error) {
      if (fetching.signal.aborted || isProvisionError(error) || (await bytesOf(file)) <= before) throw error;
    }
  }
}

async function append(url: string, file: string, have: number, { get, signal, onBytes }: Fetching): Promise<void> {
  const range = have === 0 ? {} : { range: `bytes=${have}-` };
  const response = await demand(await get(url, range, signal), url, [416]);
  // What is here is as long as the file or longer; its checksum will not be right.
  if (response.status === 416 || response.body === null) return discard(response);
  const going = response.status === 206;
  let received = going ? have : 0;
  const length = response.headers.get('content-length');
  const total = length === null ? undefined : received + Number(length);
  await pipeline(
    Readable.fromWeb(response.body),
    async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        received += chunk.length;
        onBytes?.(received, total);
        yield chunk;
      }
    },
    createWriteStream(file, { flags: going ? 'a' : 'w' }),
    { signal },
  );
}

/** A small text, such as a list of checksums. @throws ProvisionError DOWNLOAD_FAILED */
export const fetchText = (url: string, fetching: Fetching): Promise<string> =>
  persistently(url, fetching, async () => {
    const response = await demand(await fetching.get(url, {}, fetching.signal), url);
    return (await readSmall(response, url)).toString('utf8');
  });

/** Hex SHA-256 of a file. */
export async function sha256Of(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash, { signal });
  return hash.digest('hex');
}

/** 0 when it is not there. */
export const bytesOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );
