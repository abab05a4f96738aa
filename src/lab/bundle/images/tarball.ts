import { createHash } from 'node:crypto';
import { OCI, writeImages, type Descriptor, type OciImage } from '../../../adapters/releases/image-archive.js';
import { packLayer, type LayerEntry } from './layer.js';

export interface ImageSpec {
  /** With its registry, as containerd knows it. */
  reference: string;
  entries: LayerEntry[];
  command: { entrypoint?: string[]; cmd?: string[]; user?: string; workingDir?: string; exposedPorts?: string[] };
}

type Blob = Descriptor & { bytes: Buffer };

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Images of one layer each, equal layers once. */
export async function writeTarball(file: string, specs: readonly ImageSpec[]): Promise<void> {
  const layers = new Map<string, Buffer>();
  const images: OciImage[] = [];
  for (const spec of specs) {
    const layer = blob(OCI.layer, await packLayer(spec.entries));
    layers.set(layer.digest, layer.bytes);
    images.push(imageOf(spec, described(layer)));
  }
  await writeImages(file, images, ({ digest }) => [layers.get(digest) ?? Buffer.of()], undefined);
}

function imageOf(spec: ImageSpec, layer: Descriptor): OciImage {
  const { reference } = spec;
  const config = jsonBlob(OCI.config, imageConfig(spec, layer));
  const manifest = { schemaVersion: 2, mediaType: OCI.manifest, config: described(config), layers: [layer] };
  return {
    reference,
    tag: reference.slice(reference.lastIndexOf(':') + 1),
    manifest: jsonBlob(OCI.manifest, manifest),
    config,
    layers: [layer],
  };
}

function imageConfig({ command }: ImageSpec, layer: Descriptor): object {
  const { entrypoint, cmd, user, workingDir, exposedPorts } = command;
  return {
    architecture: 'amd64',
    os: 'linux',
    config: {
      Env: [PATH],
      ...(entrypoint && { Entrypoint: entrypoint }),
      ...(cmd && { Cmd: cmd }),
      ...(user && { User: user }),
      ...(workingDir && { WorkingDir: workingDir }),
      ...(exposedPorts && { ExposedPorts: Object.fromEntries(exposedPorts.map((port) => [port, {}])) }),
    },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
    history: [{ created_by: 'leafspan lab' }],
  };
}

const blob = (mediaType: string, bytes: Buffer): Blob => ({
  ...{ mediaType, bytes, size: bytes.length },
  digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
});

const jsonBlob = (mediaType: string, value: object): Blob => blob(mediaType, Buffer.from(JSON.stringify(value)));

const described = ({ mediaType, digest, size }: Blob): Descriptor => ({ mediaType, digest, size });
