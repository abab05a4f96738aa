import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { codeOf } from '../contract/caught.js';

const PRIVATE_DIRECTORY = 0o700;

type Content = Uint8Array | string;

/** undefined: there is no such file. */
export async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Replaces the file as a whole: readers see the old content or the new one, also after a power failure. */
export const writeWhole = (file: string, content: Content, mode = 0o600): Promise<void> =>
  withPart(resolve(file), content, mode, rename);

/** Writes the file unless there is one. Returns whether there was none. */
export const createWhole = (file: string, content: Content, mode = 0o600): Promise<boolean> =>
  withPart(resolve(file), content, mode, async (part, path) => {
    try {
      await link(part, path);
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    }
  });

async function withPart<T>(
  path: string,
  content: Content,
  mode: number,
  place: (part: string, path: string) => Promise<T>,
): Promise<T> {
  await ensureDirectory(dirname(path));
  const part = `${path}.${randomUUID()}.part`;
  try {
    await writeSynced(part, content, mode);
    const placed = await place(part, path);
    await syncDirectory(dirname(path));
    return placed;
  } finally {
    await rm(part, { force: true });
  }
}

async function writeSynced(file: string, content: Content, mode: number): Promise<void> {
  const handle = await open(file, 'wx', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A new directory survives a power failure only once its parent is synced. */
async function ensureDirectory(directory: string): Promise<void> {
  const topmostNew = await mkdir(directory, { recursive: true, mode: PRIVATE_DIRECTORY });
  if (topmostNew === undefined) return;
  for (let at = directory; at.length >= topmostNew.length; at = dirname(at)) await syncDirectory(dirname(at));
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (codeOf(error) !== 'EINVAL') throw error; // the file system does not support syncing directories
  } finally {
    await handle.close();
  }
}
