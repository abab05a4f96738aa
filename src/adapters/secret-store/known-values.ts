import { stat } from 'node:fs/promises';
import { codeOf } from '../../contract/caught.js';
import { readIfThere } from '../../local/atomic-file.js';

interface Known {
  version: string;
  value: Buffer;
}

/**
 * What files hold, decoded once: looks at a thousand leaves read the same few keys again and again, and decryption costs
 * milliseconds. A file that was replaced is read again.
 */
export class KnownValues {
  readonly #values = new Map<string, Known>();

  /** undefined: there is no such file. */
  async read(file: string, decode: (stored: Buffer) => Buffer | Promise<Buffer>): Promise<Buffer | undefined> {
    const version = await versionOf(file);
    const known = this.#values.get(file);
    if (known !== undefined && known.version === version) return Buffer.from(known.value);
    this.#values.delete(file);
    const stored = version === undefined ? undefined : await readIfThere(file);
    if (version === undefined || stored === undefined) return undefined;
    const value = await decode(stored);
    // A file that was replaced since has another version at the next read.
    this.#values.set(file, { version, value });
    return Buffer.from(value);
  }
}

/** A file is replaced as a whole, so a new content is a new inode. */
async function versionOf(file: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
