import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { BundleReader } from '../../parts/ports.js';
import { codeOf, messageOf } from '../../contract/caught.js';
import { ProvisionError } from '../../contract/errors.js';
import {
  artifactSchema,
  BUNDLE_MANIFEST_FILE,
  bundleManifestSchema,
  type Artifact,
  type BundleManifest,
} from '../../domain/artifacts/bundle-manifest.js';
import { parseJson } from '../../local/json.js';
import { Semaphore } from '../../local/semaphore.js';
import { ChecksumCache } from './checksums.js';

/** Hashing fills a core; more than two streams gain nothing on the machines that this runs on. */
const STREAMS = 2;

/** Bundles in local folders. */
export class FolderBundles implements BundleReader {
  readonly #checksums: ChecksumCache;

  constructor(cacheDir: string) {
    this.#checksums = new ChecksumCache(join(cacheDir, 'bundle-checksums.json'));
  }

  async manifest(folder: string): Promise<BundleManifest> {
    const { manifest, faults } = await this.#read(folder);
    if (manifest === undefined) throw invalid(faults);
    return manifest;
  }

  async verify(folder: string, signal: AbortSignal): Promise<BundleManifest> {
    const { manifest, faults } = await this.inspect(folder, signal);
    if (manifest === undefined || faults.length > 0) throw invalid(faults);
    return manifest;
  }

  async text(folder: string, { file, sha256 }: Artifact): Promise<string> {
    const contents = await readFile(join(folder, file)).catch((error: unknown) => {
      throw invalid([`${join(folder, file)} cannot be read: ${codeOf(error) ?? String(error)}`]);
    });
    const sum = createHash('sha256').update(contents).digest('hex');
    if (sum === sha256) return contents.toString();
    const message = `checksum mismatch for ${join(folder, file)}: got ${sum}, the manifest says ${sha256}`;
    throw new ProvisionError('ARTIFACT_CORRUPT', message, 'build or fetch the bundle again');
  }

  /**
   * Every fault of the manifest and of the files that it names, as far as it can be understood. `manifest` is there when
   * it has none of its own. @throws ProvisionError BUNDLE_INVALID when there is no such folder
   */
  async inspect(folder: string, signal: AbortSignal): Promise<{ manifest?: BundleManifest; faults: string[] }> {
    const { manifest, artifacts, faults } = await this.#read(folder);
    const streams = new Semaphore(STREAMS);
    const ofFiles = await Promise.all(
      artifacts.map((artifact) => streams.run(signal, () => this.#faultOf(folder, artifact, signal))),
    );
    await this.#checksums.save().catch(() => undefined); // the next run computes them again
    return {
      ...(manifest === undefined ? {} : { manifest }),
      faults: [...faults, ...ofFiles.filter((fault) => fault !== undefined)],
    };
  }

  async #read(folder: string): Promise<{ manifest?: BundleManifest; artifacts: Artifact[]; faults: string[] }> {
    const path = join(folder, BUNDLE_MANIFEST_FILE);
    const read = await readJson(folder, path);
    if ('fault' in read) return { artifacts: [], faults: [read.fault] };
    const parsed = bundleManifestSchema.safeParse(read.json);
    if (parsed.success) return { manifest: parsed.data, artifacts: parsed.data.artifacts, faults: [] };
    const faults = parsed.error.issues.map((issue) => `${path}: ${pathOf(issue.path)}: ${lowerFirst(issue.message)}`);
    return { artifacts: soundArtifacts(read.json), faults };
  }

  async #faultOf(folder: string, artifact: Artifact, signal: AbortSignal): Promise<string | undefined> {
    signal.throwIfAborted();
    const path = join(folder, artifact.file);
    let stats: BigIntStats;
    try {
      stats = await stat(path, { bigint: true });
    } catch (error) {
      const code = codeOf(error) ?? String(error);
      return code === 'ENOENT' ? `${artifact.file} does not exist` : `${artifact.file} cannot be read: ${code}`;
    }
    if (!stats.isFile()) return `${artifact.file} is no file`;
    if (stats.size !== BigInt(artifact.size))
      return `${artifact.file} has ${stats.size.toString()} bytes instead of ${artifact.size}`;
    const sum = await this.#checksums.of(path, stats, signal);
    return sum === artifact.sha256 ? undefined : `${artifact.file} has SHA-256 ${sum} instead of ${artifact.sha256}`;
  }
}

async function readJson(folder: string, path: string): Promise<{ json: unknown } | { fault: string }> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const code = codeOf(error) ?? String(error);
    const folderThere = await stat(folder).then(
      (stats) => stats.isDirectory(),
      () => false,
    );
    if (!folderThere)
      throw invalid(
        [`${folder} is no folder`],
        'correct artifacts.bundle in the topology, or the folder on the command line',
      );
    return { fault: `${path} ${code === 'ENOENT' ? 'does not exist' : `cannot be read: ${code}`}` };
  }
  try {
    return { json: parseJson(text, z.unknown()) };
  } catch (error) {
    return { fault: `${path} is not valid JSON: ${messageOf(error)}` };
  }
}

/** The artifacts of a faulty manifest that have no fault themselves: their files can be looked at all the same. */
function soundArtifacts(json: unknown): Artifact[] {
  const { data } = z.object({ artifacts: z.array(z.unknown()) }).safeParse(json);
  return (data?.artifacts ?? []).flatMap((artifact) => {
    const parsed = artifactSchema.safeParse(artifact);
    return parsed.success ? [parsed.data] : [];
  });
}

const invalid = (faults: string[], hint = 'build or fetch the bundle anew'): ProvisionError =>
  new ProvisionError('BUNDLE_INVALID', faults.join('\n'), hint);

/** `artifacts[2].sha256` */
const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '') || 'manifest';

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
