import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { extract, pack, type Pack } from 'tar-stream';
import { errorOf } from '../../contract/caught.js';

/** https://github.com/opencontainers/image-spec */
export const OCI = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
} as const;

/** A part of an image as a registry names it. */
export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

/** An image for one platform. Small parts are here, layers are named. */
export interface OciImage {
  reference: string;
  tag: string;
  manifest: Descriptor & { bytes: Buffer };
  config: Descriptor & { bytes: Buffer };
  layers: Descriptor[];
}

type Content = Iterable<Buffer> | AsyncIterable<Buffer>;

interface ArchiveFile {
  name: string;
  size: number;
  sha256: string;
  content: Buffer | Descriptor;
}

export const hexOf = ({ digest }: Descriptor): string => digest.replace('sha256:', '');

/**
 * Writes the tarball of images as `docker save` does since Docker 25: an OCI layout, which containerd reads, and Docker's
 * own manifest.json. Its bytes depend only on the images.
 */
export async function writeImages(
  file: string,
  images: readonly OciImage[],
  contentOf: (layer: Descriptor) => Content,
  signal: AbortSignal | undefined,
): Promise<void> {
  const archive = pack();
  const written = pipeline(archive, createWriteStream(file), { ...(signal && { signal }) });
  // One promise for the outcome: an entry that fails fails the archive, with the entry's own error.
  void fill(archive, images, contentOf).catch((error: unknown) => archive.destroy(errorOf(error)));
  await written;
}

/** Without a time tar-stream writes the current one. */
const NO_TIME = new Date(0);

async function fill(
  archive: Pack,
  images: readonly OciImage[],
  contentOf: (layer: Descriptor) => Content,
): Promise<void> {
  for (const { name, size, content } of filesOf(images)) {
    const entry = archive.entry({ name, size, mode: 0o644, mtime: NO_TIME });
    await pipeline(Buffer.isBuffer(content) ? [content] : contentOf(content), entry);
  }
  archive.finalize();
}

/** The file has what `writeImages` would write, so the registry's images are still those in it. */
export async function holdsImages(file: string, images: readonly OciImage[], signal: AbortSignal): Promise<boolean> {
  const wanted = filesOf(images);
  let at = 0;
  try {
    for await (const { name, sha256 } of filesIn(file, signal)) {
      if (name !== wanted[at]?.name || sha256 !== wanted[at]?.sha256) return false;
      at++;
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
    return false;
  }
  return at === wanted.length;
}

/** Errors of the disk and of the signal have a code; what tar-stream says of a damaged archive has none. */
const isDamage = (error: unknown): boolean => typeof error === 'object' && error !== null && !('code' in error);

async function* filesIn(file: string, signal: AbortSignal): AsyncGenerator<{ name: string; sha256: string }> {
  const archive = extract();
  const read = pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), archive, { signal });
  read.catch(() => undefined); // below, or of no interest to one who has left the loop
  try {
    for await (const entry of archive) {
      const hash = createHash('sha256');
      await pipeline(entry, hash);
      yield { name: entry.header.name, sha256: hash.digest('hex') };
    }
  } catch (error) {
    await read; // has the cause: the loop knows only that the archive was closed
    throw error;
  }
}

function filesOf(images: readonly OciImage[]): ArchiveFile[] {
  const blobs = new Map<string, ArchiveFile>();
  for (const { manifest, config, layers } of images) {
    for (const blob of [manifest, config]) blobs.set(blob.digest, fileOf(blobName(blob), blob.bytes));
    for (const layer of layers) {
      const { digest, size } = layer;
      blobs.set(digest, { name: blobName(layer), size, sha256: hexOf(layer), content: layer });
    }
  }
  const json = (name: string, value: object): ArchiveFile => fileOf(name, Buffer.from(JSON.stringify(value)));
  return [
    json('oci-layout', { imageLayoutVersion: '1.0.0' }),
    json('index.json', ociIndex(images)),
    json('manifest.json', dockerManifest(images)),
    ...blobs.values(),
  ];
}

const fileOf = (name: string, content: Buffer): ArchiveFile => ({
  ...{ name, content, size: content.length },
  sha256: createHash('sha256').update(content).digest('hex'),
});

const blobName = ({ digest }: Descriptor): string => `blobs/${digest.replace(':', '/')}`;

const ociIndex = (images: readonly OciImage[]): object => ({
  schemaVersion: 2,
  mediaType: OCI.index,
  manifests: images.map(({ reference, tag, manifest: { mediaType, digest, size } }) => ({
    mediaType,
    digest,
    size,
    annotations: { 'io.containerd.image.name': reference, 'org.opencontainers.image.ref.name': tag },
  })),
});

const dockerManifest = (images: readonly OciImage[]): object =>
  images.map(({ reference, config, layers }) => ({
    Config: blobName(config),
    RepoTags: [reference],
    Layers: layers.map(blobName),
  }));
