import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, linkSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  BUNDLE_API_VERSION,
  BUNDLE_MANIFEST_FILE,
  bundleManifestSchema,
  type DescribedArtifact,
} from '../../domain/artifacts/bundle-manifest.js';
import { codeOf } from '../../contract/caught.js';
import type { PartDirectories } from './build-parts.js';
import type { BundlePlan } from './parts.js';
import { BUNDLE_NAME, DOUBLES, IMAGES, VERSIONS } from './recipe.js';

interface Source {
  from: string;
  artifact: DescribedArtifact;
}

const CLI_DIRECTORY = 'cli';
const IMAGE_DIRECTORY = 'images';

/** What is not built by a part. */
type Recipe = Pick<BundlePlan, 'installScript' | 'doubles'>;

function sources(directories: PartDirectories, { installScript, doubles }: Recipe): Source[] {
  const cli = (name: string, version: string, from: string): Source => ({
    from,
    artifact: { kind: 'cli', name, version, arch: 'amd64', file: `${CLI_DIRECTORY}/${name}` },
  });
  const images = (name: string, version: string, references: readonly string[]): Source => ({
    from: join(directories.images, `${name}.tar`),
    artifact: {
      kind: 'images',
      name,
      version,
      arch: 'amd64',
      file: `${IMAGE_DIRECTORY}/${name}.tar`,
      images: [...references],
    },
  });
  return [
    {
      from: join(directories.kubernetes, 'k3s'),
      artifact: { kind: 'k3s', name: 'k3s', version: VERSIONS.k3s, arch: 'amd64', file: 'k3s' },
    },
    {
      from: installScript,
      artifact: { kind: 'k3s-install', name: 'k3s-install', version: VERSIONS.k3s, arch: 'any', file: 'install.sh' },
    },
    images('k3s-images', VERSIONS.k3s, [IMAGES.pause, IMAGES.coredns]),
    images('nats', VERSIONS.natsServer.slice(1), [IMAGES.nats]),
    images('nats-box', VERSIONS.natsBox, [IMAGES.natsBox]),
    cli('kubectl', VERSIONS.kubernetes, join(directories.kubernetes, 'kubectl')),
    cli('helm', VERSIONS.helm, join(directories.addons, 'helm')),
    cli('nats', VERSIONS.natsCli, join(directories.nats, 'nats')),
    ...DOUBLES.map((name) => cli(name, 'double', join(doubles, name))),
    {
      from: join(directories.gatewayApi, 'gateway-api.yaml'),
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

/** Fills a bundle's directory; the manifest comes last, so a directory that has one is whole. */
export function writeBundle(
  directory: string,
  directories: PartDirectories,
  recipe: Recipe,
  makeDirectory: (path: string) => void,
): void {
  makeDirectory(join(directory, CLI_DIRECTORY));
  makeDirectory(join(directory, IMAGE_DIRECTORY));
  const artifacts = sources(directories, recipe).map(({ from, artifact }) => {
    const file = join(directory, artifact.file);
    // What is in the repository is copied: it may lie on another disk, and is edited there.
    const isRecipe = isOfRecipe(from, recipe);
    place(from, file, isRecipe);
    if (isRecipe) chmodSync(file, 0o755);
    const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
    return { ...artifact, sha256, size: statSync(file).size };
  });
  const manifest = bundleManifestSchema.parse({ apiVersion: BUNDLE_API_VERSION, name: BUNDLE_NAME, artifacts });
  writeFileSync(join(directory, BUNDLE_MANIFEST_FILE), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

const isOfRecipe = (from: string, { installScript, doubles }: Recipe): boolean =>
  from === installScript || dirname(from) === doubles;

/** A second name costs no disk. */
function place(from: string, to: string, isCopied: boolean): void {
  try {
    if (isCopied) copyFileSync(from, to);
    else linkSync(from, to);
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error;
    copyFileSync(from, to);
  }
}
