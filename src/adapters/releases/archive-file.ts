import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { sizeOf, type Descriptor, type Segment } from '../../domain/bundle/image-archive.js';
import { bytesOf, sha256Of } from './download.js';

export const hexOf = ({ digest }: Descriptor): string => digest.replace('sha256:', '');

/** Writes an archive of images whose layers lie in files. */
export async function writeArchive(
  file: string,
  segments: readonly Segment[],
  layerFile: (layer: Descriptor) => string,
  signal: AbortSignal,
): Promise<void> {
  await pipeline(
    async function* () {
      for (const segment of segments)
        if ('layer' in segment) yield* createReadStream(layerFile(segment.layer));
        else yield segment.bytes;
    },
    createWriteStream(file),
    { signal },
  );
}

/** The file is what `writeArchive` would write. */
export async function isArchive(file: string, segments: readonly Segment[], signal: AbortSignal): Promise<boolean> {
  if ((await bytesOf(file)) !== sizeOf(segments)) return false;
  const handle = await open(file);
  try {
    let at = 0;
    for (const segment of segments) {
      const size = sizeOf([segment]);
      const same =
        'layer' in segment
          ? (await sha256Of(file, signal, { start: at, end: at + size - 1 })) === hexOf(segment.layer)
          : segment.bytes.equals((await handle.read(Buffer.alloc(size), 0, size, at)).buffer);
      if (!same) return false;
      at += size;
    }
    return true;
  } finally {
    await handle.close();
  }
}
