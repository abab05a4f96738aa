import type { BigIntStats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import type { BundleReader } from '../../activities/ports.js';
import { ProvisionError } from '../../contract/errors.js';
import {
  BUNDLE_MANIFEST_FILE,
  bundleManifestSchema,
  type Artifact,
  type BundleManifest,
} from '../../domain/bundle/manifest.js';
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
    const path = join(folder, BUNDLE_MANIFEST_FILE);
    const text = await readFile(path, 'utf8').catch(async (error: unknown) => {
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      const folderThere = await stat(folder).then(
        (stats) => stats.isDirectory(),
        () => false,
      );
      if (!folderThere) throw invalid([`${folder} is no folder`], 'correct artifacts.bundle in the topology');
      throw invalid([`${path} ${code === 'ENOENT' ? 'does not exist' : `cannot be read: ${code}`}`]);
    });
    const parsed = bundleManifestSchema.safeParse(parseJson(path, text));
    if (parsed.success) return parsed.data;
    throw invalid(parsed.error.issues.map((issue) => `${path}: ${pathOf(issue.path)}: ${lowerFirst(issue.message)}`));
  }

  async verify(folder: string, signal: AbortSignal): Promise<BundleManifest> {
    const manifest = await this.manifest(folder);
    const limit = pLimit(STREAMS);
    const faults = await Promise.all(
      manifest.artifacts.map((artifact) => limit(() => this.#faultOf(folder, artifact, signal))),
    );
    await this.#checksums.save().catch(() => undefined); // the next run computes them again
    const found = faults.filter((fault) => fault !== undefined);
    if (found.length > 0) throw invalid(found);
    return manifest;
  }

  async #faultOf(folder: string, artifact: Artifact, signal: AbortSignal): Promise<string | undefined> {
    signal.throwIfAborted();
    const path = join(folder, artifact.file);
    let stats: BigIntStats;
    try {
      stats = await stat(path, { bigint: true });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      return code === 'ENOENT' ? `${artifact.file} does not exist` : `${artifact.file} cannot be read: ${code}`;
    }
    if (!stats.isFile()) return `${artifact.file} is no file`;
    if (stats.size !== BigInt(artifact.size))
      return `${artifact.file} has ${stats.size.toString()} bytes instead of ${artifact.size}`;
    const sum = await this.#checksums.of(path, stats, signal);
    return sum === artifact.sha256 ? undefined : `${artifact.file} has SHA-256 ${sum} instead of ${artifact.sha256}`;
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid([`${path} is not valid JSON: ${(error as Error).message}`]);
  }
}

const invalid = (faults: string[], remedy = 'build or fetch the bundle anew'): ProvisionError =>
  new ProvisionError('BUNDLE_INVALID', faults.join('\n'), remedy);

/** `artifacts[2].sha256` */
const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '') || 'manifest';

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
