import type { Artifact, BundleManifest } from '../../../src/domain/artifacts/bundle-manifest.js';
import { BUNDLE_API_VERSION } from '../../../src/domain/artifacts/bundle-manifest.js';
import { fullReference } from '../../../src/domain/artifacts/image-place.js';
import { GATEWAY_API_ARTIFACT, linkerdImages } from '../../../src/domain/artifacts/components/linkerd-images.js';
import type { BundleReader } from '../../../src/parts/ports.js';
import { gatewayApiYaml, LINKERD_VERSION } from './linkerd/manifests.js';
import { hashOf } from './pace.js';
import { unmodelled } from './unmodelled.js';

const MB = 1_000_000;
export const K3S_VERSION = 'v1.36.3+k3s1';
export const SERVER_IMAGE = 'nats:2.15.2-alpine';
export const BOX_IMAGE = 'natsio/nats-box:0.19.7';

/** No file has this checksum; that nobody else has it is enough. */
const checksumOf = (name: string): string => hashOf(name).toString(16).padStart(8, '0').repeat(8);

const fields = (name: string, version: string, megabytes: number) => ({
  name,
  version,
  arch: 'amd64' as const,
  file: name,
  sha256: checksumOf(`${name} ${version}`),
  size: Math.ceil(megabytes * MB),
});

/** Sizes are those of the public releases. */
const DIRECT: readonly Artifact[] = [
  { kind: 'k3s', ...fields('k3s', K3S_VERSION, 78) },
  { kind: 'k3s-install', ...fields('install.sh', K3S_VERSION, 0.04) },
  { kind: 'images', ...fields('k3s-images.tar.zst', K3S_VERSION, 62), images: ['rancher/mirrored-pause:3.6'] },
  { kind: 'images', ...fields('nats.tar', '2.15.2', 12), images: [fullReference(SERVER_IMAGE)] },
  { kind: 'images', ...fields('nats-box.tar', '0.19.7', 38), images: [fullReference(BOX_IMAGE)] },
];

const MESH: readonly Artifact[] = [
  ...DIRECT,
  { kind: 'images', ...fields('linkerd.tar', LINKERD_VERSION, 75), images: linkerdImages(LINKERD_VERSION) },
  { kind: 'cli', ...fields('linkerd', LINKERD_VERSION, 60) },
  { kind: 'manifests', ...fields(GATEWAY_API_ARTIFACT, 'v1.2.1', 0.6) },
];

export type Mode = 'direct' | 'mesh';

export const artifactsOf = (mode: Mode): readonly Artifact[] => (mode === 'mesh' ? MESH : DIRECT);

export const releasesByChecksum = (artifacts: readonly Artifact[]): ReadonlyMap<string, string> =>
  new Map(artifacts.map(({ sha256, version }) => [sha256, version]));

const imagesByChecksum: ReadonlyMap<string, readonly string[]> = new Map(
  MESH.map((artifact) => [artifact.sha256, artifact.kind === 'images' ? artifact.images : []]),
);

/** The images in a file of the bundle. */
export const imagesIn = (sha256: string): readonly string[] => imagesByChecksum.get(sha256) ?? [];

/** A bundle without files: all but its manifests are only measured. */
export class ModelledBundle implements BundleReader {
  readonly #manifest: BundleManifest;
  #gatewayApi: string | undefined;

  constructor(mode: Mode) {
    this.#manifest = { apiVersion: BUNDLE_API_VERSION, name: 'fleet-double', artifacts: [...artifactsOf(mode)] };
  }

  manifest(): Promise<BundleManifest> {
    return Promise.resolve(this.#manifest);
  }

  verify(): Promise<BundleManifest> {
    return Promise.resolve(this.#manifest);
  }

  locate(folder: string, { file }: Artifact): Promise<string> {
    return Promise.resolve(`${folder}/${file}`);
  }

  async text(_: string, { name }: Artifact): Promise<string> {
    if (name !== GATEWAY_API_ARTIFACT) unmodelled(`the text of ${name}`);
    return (this.#gatewayApi ??= await Promise.resolve(gatewayApiYaml()));
  }
}
