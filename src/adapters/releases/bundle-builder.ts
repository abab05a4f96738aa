import { createReadStream } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ProvisionError } from '../../contract/errors.js';
import { joinManifests, type BundlePart } from '../../domain/artifacts/bundle-contents.js';
import {
  BUNDLE_API_VERSION,
  BUNDLE_MANIFEST_FILE,
  bundleManifestSchema,
  type Artifact,
  type BundleManifest,
} from '../../domain/artifacts/bundle-manifest.js';
import { writeWhole } from '../../local/atomic-file.js';
import { bytesOf, download, sha256Of, type Fetching } from './download.js';
import { extractMember } from './archive.js';
import { hexOf, holdsImages, writeImages, type Descriptor } from './image-archive.js';
import { withTokens } from './registry.js';
import { resolveParts, type ResolvedPart } from './resolve.js';
import { isUnpacked, noteUnpacked } from './unpacked.js';
import { isDiskError, openWeb } from './web.js';

export interface BuildProgress {
  /** Undefined while the release places are asked what there is. */
  artifact?: { kind: Artifact['kind']; name: string; version: string };
  state: 'running' | 'fetched' | 'kept';
  received?: number;
  total?: number | undefined;
}

export interface BuildOptions {
  directory: string;
  name: string;
  parts: readonly BundlePart[];
  /** Artifacts that are also in the directory. */
  others: readonly Artifact[];
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  report: (progress: BuildProgress) => void;
  pauseMs?: number;
}

/** What was received of files that are not whole, by their checksums; the next build continues with it. */
const UNFINISHED = '.unfinished';
const PAUSE_MS = 1_000;
/** File mode: every user of this machine can read and copy the bundle. */
const READABLE = 0o644;

/** Fetches what is missing. A directory that has a manifest is whole. @throws ProvisionError DOWNLOAD_FAILED, ARTIFACT_CORRUPT */
export async function buildBundle(options: BuildOptions): Promise<BundleManifest> {
  const web = openWeb(options.env);
  try {
    return await build(options, { ...options, get: withTokens(web.get), pauseMs: options.pauseMs ?? PAUSE_MS });
  } catch (error) {
    throw isDiskError(error) ? notWritten(options.directory, error) : error;
  } finally {
    await web.close();
  }
}

const notWritten = (directory: string, error: Error): ProvisionError =>
  new ProvisionError(
    'USAGE',
    `${directory} cannot be written: ${error.message}`,
    'free space there or choose a writable directory, then run the command again to continue',
  );

async function build(
  { directory, name, parts, others, report }: BuildOptions,
  fetching: Fetching,
): Promise<BundleManifest> {
  const unfinished = join(directory, UNFINISHED);
  await mkdir(unfinished, { recursive: true });
  report({ state: 'running' });
  const resolved = await resolveParts(parts, fetching);
  report({ state: 'fetched' });
  const artifacts: Artifact[] = [];
  for (const part of resolved) {
    const { artifact } = part;
    const file = join(directory, artifact.file);
    const kept = await isThere(part, directory, fetching.signal);
    if (!kept) {
      await rm(join(directory, BUNDLE_MANIFEST_FILE), { force: true }); // from here on it would not hold
      report({ artifact, state: 'running' });
      const onBytes = (received: number, total?: number): void =>
        report({ artifact, state: 'running', received, total });
      await place(part, file, unfinished, { ...fetching, onBytes });
      if (part.from === 'archive') await noteUnpacked(directory, artifact.file, part.program, fetching.signal);
    }
    const size = await bytesOf(file);
    report({ artifact, state: kept ? 'kept' : 'fetched', total: size });
    const sha256 = 'sha256' in part ? part.sha256 : await sha256Of(file, fetching.signal);
    artifacts.push({ ...artifact, sha256, size });
  }
  const manifest = bundleManifestSchema.parse({
    apiVersion: BUNDLE_API_VERSION,
    name,
    artifacts: [...artifacts, ...others],
  });
  await writeWhole(join(directory, BUNDLE_MANIFEST_FILE), `${JSON.stringify(manifest, undefined, 2)}\n`, READABLE);
  await rm(unfinished, { recursive: true });
  return manifest;
}

async function isThere(part: ResolvedPart, directory: string, signal: AbortSignal): Promise<boolean> {
  const file = join(directory, part.artifact.file);
  if ((await bytesOf(file)) === 0) return false;
  if (part.from === 'registry') return holdsImages(file, part.images, signal);
  if (part.from === 'archive') return isUnpacked(directory, part.artifact.file, part.program, signal);
  return (await sha256Of(file, signal)) === part.sha256;
}

/** The file appears under its name whole, with its mode. */
async function place(part: ResolvedPart, file: string, unfinished: string, fetching: Fetching): Promise<void> {
  const whole = await gather(part, unfinished, fetching);
  await chmod(whole, ['k3s', 'k3s-install', 'cli'].includes(part.artifact.kind) ? 0o755 : 0o644);
  await mkdir(dirname(file), { recursive: true });
  await rename(whole, file);
}

async function gather(part: ResolvedPart, unfinished: string, fetching: Fetching): Promise<string> {
  const at = (name: string): string => join(unfinished, name);
  if (part.from === 'publisher') {
    await download(part, at(part.sha256), fetching);
    return at(part.sha256);
  }
  const joined = at('joined');
  if (part.from === 'archive') {
    const { program } = part;
    await download(program, at(program.sha256), fetching);
    await extractMember(at(program.sha256), program, joined, fetching.signal);
    return joined;
  }
  if (part.from === 'pinned') {
    for (const wanted of part.files) await download(wanted, at(wanted.sha256), fetching);
    const texts = await Promise.all(part.files.map(({ sha256 }) => readFile(at(sha256), 'utf8')));
    await writeFile(joined, joinManifests(texts));
    return joined;
  }
  const layerFile = (layer: Descriptor): string => at(hexOf(layer));
  await downloadLayers(part.images, layerFile, fetching);
  await writeImages(joined, part.images, (layer) => createReadStream(layerFile(layer)), fetching.signal);
  return joined;
}

/** Each layer once, however many images share it. */
async function downloadLayers(
  images: Extract<ResolvedPart, { from: 'registry' }>['images'],
  layerFile: (layer: Descriptor) => string,
  fetching: Fetching,
): Promise<void> {
  const layers = new Map(
    images.flatMap((image) => image.layers.map((layer) => [layer.digest, { layer, endpoint: image.endpoint }])),
  );
  const total = [...layers.values()].reduce((sum, { layer }) => sum + layer.size, 0);
  let before = 0;
  for (const { layer, endpoint } of layers.values()) {
    const onBytes = (received: number): void => fetching.onBytes?.(before + received, total);
    const wanted = { url: `${endpoint}/blobs/${layer.digest}`, sha256: hexOf(layer) };
    await download(wanted, layerFile(layer), { ...fetching, onBytes });
    before += layer.size;
  }
}
