import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  BUNDLE_MANIFEST_FILE,
  bundleManifestSchema,
  type Artifact,
  type BundleManifest,
} from '../../../src/domain/artifacts/bundle-manifest.js';
import { filesBelow, keyOf } from '../../../src/lab/bundle/cache-key.js';
import { linkerdImages } from '../../../src/domain/artifacts/components/linkerd-images.js';
import { findGo } from '../../../src/lab/bundle/go-toolchain.js';
import { writeTarball, type ImageSpec } from '../../../src/lab/bundle/images/tarball.js';
import { fillAside } from '../../../src/lab/bundle/part-store.js';
import { withLock } from '../../../src/local/lock.js';
import { EDGE_DOUBLE_SOURCE, edgeArtifacts } from '../nginx/bundle.js';

const SOURCE = dirname(fileURLToPath(import.meta.url));
/** The client of the API server that the doubles share. */
const SHARED = join(SOURCE, '..', 'kube');
const PROGRAMS = ['linkerd', 'controller', 'proxy'] as const;
const IMAGES_FILE = 'images/linkerd.tar';
const CLI_FILE = 'cli/linkerd';
const COMPILED = '.compiled';
const BUNDLES_KEPT = 4;

/** Raise when what is laid out changes and no file of this folder does. */
const LAYOUT_VERSION = 3;

/** The version that the double gives itself; a topology has to ask for it. */
export const MESH_DOUBLE_VERSION = versionInSource();

/**
 * A bundle that has a mesh and an edge: the files of the given one, and the doubles' images, command line and definitions.
 * Cached by content. Several processes may ask at once: one builds, the others wait.
 */
export async function meshBundle(labBundle: string, cacheDir: string): Promise<string> {
  const manifest = bundleManifestSchema.parse(JSON.parse(readFileSync(join(labBundle, BUNDLE_MANIFEST_FILE), 'utf8')));
  const sources = [SOURCE, SHARED, EDGE_DOUBLE_SOURCE].map((directory) => filesBelow(directory, ['README.md']));
  const key = keyOf(LAYOUT_VERSION, manifest, sources);
  const dir = join(cacheDir, 'test-mesh-bundle', key);
  const isWhole = () => existsSync(join(dir, BUNDLE_MANIFEST_FILE));
  if (isWhole()) return dir;
  mkdirSync(dirname(dir), { recursive: true });
  await withLock(join(cacheDir, 'test-mesh-bundle.lock'), {}, async () => {
    if (isWhole()) return;
    await fillAside(dir, (folder) => fill(folder, labBundle, manifest));
    dropOldBundles(dir);
  });
  return dir;
}

async function fill(folder: string, labBundle: string, manifest: BundleManifest): Promise<void> {
  const compiled = join(folder, COMPILED);
  mkdirSync(compiled);
  const go = await findGo(undefined);
  await go.build(
    SOURCE,
    `${compiled}/`,
    PROGRAMS.map((name) => `./cmd/${name}`),
  );
  const kept = manifest.artifacts.filter(({ name }) => name !== 'linkerd');
  for (const { file } of kept) place(join(labBundle, file), join(folder, file));
  place(join(compiled, 'linkerd'), join(folder, CLI_FILE));
  const images = linkerdImages(MESH_DOUBLE_VERSION).map((reference) => image(reference, compiled));
  mkdirSync(dirname(join(folder, IMAGES_FILE)), { recursive: true });
  await writeTarball(join(folder, IMAGES_FILE), images);
  rmSync(compiled, { recursive: true });
  const edge = await edgeArtifacts(folder, go);
  const common = { name: 'linkerd', version: MESH_DOUBLE_VERSION, arch: 'amd64' } as const;
  const added: Artifact[] = [
    {
      kind: 'images',
      ...common,
      ...measured(folder, IMAGES_FILE),
      images: images.map(({ reference }) => reference),
    },
    { kind: 'cli', ...common, ...measured(folder, CLI_FILE) },
    ...edge.map((artifact): Artifact => ({ ...artifact, ...measured(folder, artifact.file) })),
  ];
  const whole = bundleManifestSchema.parse({ ...manifest, artifacts: [...kept, ...added] });
  writeFileSync(join(folder, BUNDLE_MANIFEST_FILE), `${JSON.stringify(whole, undefined, 2)}\n`);
}

/** Another run may still use the bundle before this one, so the newest few stay. */
function dropOldBundles(current: string): void {
  const byAge = readdirSync(dirname(current))
    .map((name) => join(dirname(current), name))
    .filter((path) => path !== current)
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const path of byAge.slice(BUNDLES_KEPT - 1)) rmSync(path, { recursive: true, force: true });
}

/** The gateway's own container only waits; the proxy's program can do that too. */
function image(reference: string, compiled: string): ImageSpec {
  const name = reference.includes('/controller:') ? 'controller' : 'proxy';
  const waits = reference.includes('/pause:');
  return {
    reference,
    entries: [{ type: 'file', name, content: readFileSync(join(compiled, name)), mode: 0o755 }],
    command: { entrypoint: waits ? [`/${name}`, 'pause'] : [`/${name}`] },
  };
}

function measured(folder: string, file: string): { file: string; sha256: string; size: number } {
  const path = join(folder, file);
  return { file, sha256: createHash('sha256').update(readFileSync(path)).digest('hex'), size: statSync(path).size };
}

/** A second name costs no disk; another disk needs a copy. */
function place(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    copyFileSync(from, to);
  }
}

function versionInSource(): string {
  const text = readFileSync(join(SOURCE, 'internal', 'version', 'version.go'), 'utf8');
  const version = /\bVersion = "([^"]+)"/.exec(text)?.[1];
  if (version === undefined) throw new Error('version.go names no version');
  return version;
}
