import { createHash } from 'node:crypto';
import { createReadStream, type BigIntStats } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { writeWhole } from '../../local/atomic-file.js';
import { readJsonFile } from '../../local/json.js';

const CHUNK = 1024 * 1024;
const CHECKSUMS = z.record(z.string(), z.string());

/** Hex SHA-256 of a file. */
export async function sha256Of(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: CHUNK }), hash, { signal });
  return hash.digest('hex');
}

/** Remembers checksums of files that did not change since, in memory and in a file. Losing the file costs time only. */
export class ChecksumCache {
  readonly #file: string;
  #known: Map<string, string> | undefined;
  #changed = false;

  constructor(file: string) {
    this.#file = file;
  }

  async of(path: string, stats: BigIntStats, signal: AbortSignal): Promise<string> {
    const known = (this.#known ??= this.#load());
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
    await writeWhole(this.#file, JSON.stringify(Object.fromEntries(this.#known)));
  }

  #load(): Map<string, string> {
    try {
      return new Map(Object.entries(readJsonFile(this.#file, CHECKSUMS)));
    } catch {
      return new Map();
    }
  }
}
