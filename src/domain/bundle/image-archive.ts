import { TAR_END, tarHeader, tarPadding } from './tar-header.js';

/** A part of an image as a registry names it. */
export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

/** An image for one platform. Small parts are here, layers are named. */
export interface PulledImage {
  reference: string;
  tag: string;
  manifest: Descriptor & { bytes: Buffer };
  config: Descriptor & { bytes: Buffer };
  layers: Descriptor[];
}

/** A run of bytes of an archive: given, or the content of a layer. */
export type Segment = { bytes: Buffer } | { layer: Descriptor };

/**
 * The tarball of images as `docker save` writes it since Docker 25: an OCI layout, which containerd reads, and Docker's
 * own manifest.json. Its bytes depend on the images alone, so a file can be compared with what a registry has now.
 */
export function imageArchive(images: readonly PulledImage[]): Segment[] {
  const file = (name: string, content: Segment, size: number): Segment[] => [
    { bytes: tarHeader({ type: 'file', name, mode: 0o644, size }) },
    content,
    { bytes: tarPadding(size) },
  ];
  const json = (name: string, value: object): Segment[] => {
    const bytes = Buffer.from(JSON.stringify(value));
    return file(name, { bytes }, bytes.length);
  };
  const blobs = new Map<string, Segment[]>();
  for (const { manifest, config, layers } of images)
    for (const blob of [manifest, config, ...layers])
      blobs.set(blob.digest, file(blobFile(blob), contentOf(blob), blob.size));
  return [
    ...json('oci-layout', { imageLayoutVersion: '1.0.0' }),
    ...json('index.json', ociIndex(images)),
    ...json('manifest.json', dockerManifest(images)),
    ...[...blobs.values()].flat(),
    { bytes: TAR_END },
  ].filter((segment) => 'layer' in segment || segment.bytes.length > 0);
}

export const sizeOf = (segments: readonly Segment[]): number =>
  segments.reduce((total, segment) => total + ('layer' in segment ? segment.layer.size : segment.bytes.length), 0);

const contentOf = (blob: Descriptor & { bytes?: Buffer }): Segment =>
  blob.bytes === undefined ? { layer: blob } : { bytes: blob.bytes };

const blobFile = ({ digest }: Descriptor): string => `blobs/${digest.replace(':', '/')}`;

const ociIndex = (images: readonly PulledImage[]): object => ({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests: images.map(({ reference, tag, manifest: { mediaType, digest, size } }) => ({
    mediaType,
    digest,
    size,
    annotations: { 'io.containerd.image.name': reference, 'org.opencontainers.image.ref.name': tag },
  })),
});

const dockerManifest = (images: readonly PulledImage[]): object =>
  images.map(({ reference, config, layers }) => ({
    Config: blobFile(config),
    RepoTags: [reference],
    Layers: layers.map(blobFile),
  }));
