import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, type BigIntStats } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';

const CHUNK = 1024 * 1024;

/** Hex SHA-256 of a file. */
export async function sha256Of(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: CHUNK }), hash, { signal });
  return hash.digest('hex');
}

/** Remembers checksums of files that did not change since, in memory and in a file. Losing the file costs time only. */
export class ChecksumCache {
  readonly #file: string;
  #known: Promise<Map<string, string>> | undefined;
  #changed = false;

  constructor(file: string) {
    this.#file = file;
  }

  async of(path: string, stats: BigIntStats, signal: AbortSignal): Promise<string> {
    const known = await (this.#known ??= this.#load());
    const key = [path, stats.mtimeNs, stats.size, stats.ino].join(' ');
    const cached = known.get(key);
    if (cached !== undefined) return cached;
    const sum = await sha256Of(path, signal);
    for (const old of known.keys()) if (old.startsWith(`${path} `)) known.delete(old);
    known.set(key, sum);
    this.#changed = true;
    return sum;
  }

  async save(): Promise<void> {
    if (!this.#changed || this.#known === undefined) return;
    this.#changed = false;
    const part = `${this.#file}.${randomUUID()}`;
    await mkdir(dirname(this.#file), { recursive: true });
    await writeFile(part, JSON.stringify(Object.fromEntries(await this.#known)));
    await rename(part, this.#file);
  }

  async #load(): Promise<Map<string, string>> {
    try {
      return new Map(Object.entries(JSON.parse(await readFile(this.#file, 'utf8')) as Record<string, string>));
    } catch {
      return new Map();
    }
  }
}
