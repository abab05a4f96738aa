import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** undefined: there is no such file. */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Nobody ever sees half a file, and nobody but the owner sees it at all. */
export async function writeAtomically(path: string, value: Uint8Array | string): Promise<void> {
  await withPart(path, value, (part) => rename(part, path));
}

/** False: somebody else was faster, and the file is theirs. */
export async function createAtomically(path: string, value: string): Promise<boolean> {
  return withPart(path, value, async (part) => {
    try {
      await link(part, path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  });
}

async function withPart<T>(path: string, value: Uint8Array | string, place: (part: string) => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true, mode: PRIVATE_FOLDER });
  const part = `${path}.${randomUUID()}.part`;
  try {
    await writeFile(part, value, { mode: PRIVATE_FILE, flag: 'wx' });
    return await place(part);
  } finally {
    await rm(part, { force: true });
  }
}
