import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, linkSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BUNDLE_API_VERSION,
  BUNDLE_MANIFEST_FILE,
  bundleManifestSchema,
  type DescribedArtifact,
} from '../../domain/artifacts/bundle-manifest.js';
import { codeOf } from '../../contract/caught.js';
import type { PartFolders } from './build-parts.js';
import { BUNDLE_NAME, IMAGES, VERSIONS } from './recipe.js';

interface Source {
  from: string;
  artifact: DescribedArtifact;
}

const CLI_FOLDER = 'cli';
const IMAGE_FOLDER = 'images';

function sources(folders: PartFolders, installScript: string): Source[] {
  const cli = (name: string, version: string, from: string): Source => ({
    from,
    artifact: { kind: 'cli', name, version, arch: 'amd64', file: `${CLI_FOLDER}/${name}` },
  });
  const images = (name: string, version: string, references: readonly string[]): Source => ({
    from: join(folders.images, `${name}.tar`),
    artifact: {
      kind: 'images',
      name,
      version,
      arch: 'amd64',
      file: `${IMAGE_FOLDER}/${name}.tar`,
      images: [...references],
    },
  });
  return [
    {
      from: join(folders.kubernetes, 'k3s'),
      artifact: { kind: 'k3s', name: 'k3s', version: VERSIONS.k3s, arch: 'amd64', file: 'k3s' },
    },
    {
      from: installScript,
      artifact: { kind: 'k3s-install', name: 'k3s-install', version: VERSIONS.k3s, arch: 'any', file: 'install.sh' },
    },
    images('k3s-images', VERSIONS.k3s, [IMAGES.pause, IMAGES.coredns]),
    images('nats', VERSIONS.natsServer.slice(1), [IMAGES.nats]),
    images('nats-box', VERSIONS.natsBox, [IMAGES.natsBox]),
    cli('kubectl', VERSIONS.kubernetes, join(folders.kubernetes, 'kubectl')),
    cli('helm', VERSIONS.helm, join(folders.addons, 'helm')),
    cli('nats', VERSIONS.natsCli, join(folders.nats, 'nats')),
    {
      from: join(folders.gatewayApi, 'gateway-api.yaml'),
      artifact: {
        kind: 'manifests',
        name: 'gateway-api',
        version: VERSIONS.gatewayApi,
        arch: 'any',
        file: 'gateway-api.yaml',
      },
    },
  ];
}

/** Fills a bundle's folder; the manifest comes last, so a folder that has one is whole. */
export function writeBundle(
  folder: string,
  folders: PartFolders,
  installScript: string,
  makeFolder: (path: string) => void,
): void {
  makeFolder(join(folder, CLI_FOLDER));
  makeFolder(join(folder, IMAGE_FOLDER));
  const artifacts = sources(folders, installScript).map(({ from, artifact }) => {
    const file = join(folder, artifact.file);
    place(from, file);
    if (artifact.kind === 'k3s-install') chmodSync(file, 0o755);
    const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
    return { ...artifact, sha256, size: statSync(file).size };
  });
  const manifest = bundleManifestSchema.parse({ apiVersion: BUNDLE_API_VERSION, name: BUNDLE_NAME, artifacts });
  writeFileSync(join(folder, BUNDLE_MANIFEST_FILE), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** A second name costs no disk; the install script lies elsewhere, perhaps on another disk, and is copied. */
function place(from: string, to: string): void {
  try {
    if (from.endsWith('.sh')) copyFileSync(from, to);
    else linkSync(from, to);
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error;
    copyFileSync(from, to);
  }
}
