import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
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

/** Bundles in local directories. */
export class DirectoryBundles implements BundleReader {
  readonly #checksums: ChecksumCache;

  constructor(cacheDir: string) {
    this.#checksums = new ChecksumCache(join(cacheDir, 'bundle-checksums.json'));
  }

  async manifest(directory: string): Promise<BundleManifest> {
    const { manifest, problems } = await this.#read(directory);
    if (manifest === undefined) throw invalid(problems);
    return manifest;
  }

  async verify(directory: string, signal: AbortSignal): Promise<BundleManifest> {
    const { manifest, problems } = await this.inspect(directory, signal);
    if (manifest === undefined || problems.length > 0) throw invalid(problems);
    return manifest;
  }

  async locate(directory: string, { file }: Artifact): Promise<string> {
    const path = join(directory, file);
    const inside = await isInside(directory, path).catch((error: unknown) => {
      throw invalid([`${path} cannot be read: ${codeOf(error) ?? String(error)}`]);
    });
    if (inside) return path;
    throw invalid([`${path} is a link out of the bundle`]);
  }

  async text(directory: string, artifact: Artifact): Promise<string> {
    const { file, sha256 } = artifact;
    const contents = await readFile(await this.locate(directory, artifact)).catch((error: unknown) => {
      throw invalid([`${join(directory, file)} cannot be read: ${codeOf(error) ?? String(error)}`]);
    });
    const sum = createHash('sha256').update(contents).digest('hex');
    if (sum === sha256) return contents.toString();
    const message = `checksum mismatch for ${join(directory, file)}: got ${sum}, the manifest says ${sha256}`;
    throw new ProvisionError('ARTIFACT_CORRUPT', message, 'build or fetch the bundle again');
  }

  /**
   * Every problem of the manifest and of the files that it names, as far as it can be understood. `manifest` is there when
   * it has none of its own. @throws ProvisionError BUNDLE_INVALID when there is no such directory
   */
  async inspect(directory: string, signal: AbortSignal): Promise<{ manifest?: BundleManifest; problems: string[] }> {
    const { manifest, artifacts, problems } = await this.#read(directory);
    const streams = new Semaphore(STREAMS);
    const ofFiles = await Promise.all(
      artifacts.map((artifact) => streams.run(signal, () => this.#problemOf(directory, artifact, signal))),
    );
    await this.#checksums.save().catch(() => undefined); // the next run computes them again
    return {
      ...(manifest === undefined ? {} : { manifest }),
      problems: [...problems, ...ofFiles.filter((problem) => problem !== undefined)],
    };
  }

  async #read(directory: string): Promise<{ manifest?: BundleManifest; artifacts: Artifact[]; problems: string[] }> {
    const path = join(directory, BUNDLE_MANIFEST_FILE);
    const read = await readJson(directory, path);
    if ('problem' in read) return { artifacts: [], problems: [read.problem] };
    const parsed = bundleManifestSchema.safeParse(read.json);
    if (parsed.success) return { manifest: parsed.data, artifacts: parsed.data.artifacts, problems: [] };
    const problems = parsed.error.issues.map((issue) => `${path}: ${pathOf(issue.path)}: ${lowerFirst(issue.message)}`);
    return { artifacts: soundArtifacts(read.json), problems };
  }

  async #problemOf(directory: string, artifact: Artifact, signal: AbortSignal): Promise<string | undefined> {
    signal.throwIfAborted();
    const path = join(directory, artifact.file);
    let stats: BigIntStats;
    try {
      stats = await stat(path, { bigint: true });
    } catch (error) {
      const code = codeOf(error) ?? String(error);
      return code === 'ENOENT' ? `${artifact.file} does not exist` : `${artifact.file} cannot be read: ${code}`;
    }
    if (!stats.isFile()) return `${artifact.file} is not a regular file`;
    if (!(await isInside(directory, path))) return `${artifact.file} is a link out of the bundle`;
    if (stats.size !== BigInt(artifact.size))
      return `${artifact.file} has ${stats.size.toString()} bytes instead of ${artifact.size}`;
    const sum = await this.#checksums.of(path, stats, signal);
    return sum === artifact.sha256 ? undefined : `${artifact.file} has SHA-256 ${sum} instead of ${artifact.sha256}`;
  }
}

/** A link may lead anywhere on this machine, and what it leads to would be sent to hosts. */
async function isInside(directory: string, path: string): Promise<boolean> {
  const [root, real] = [await realpath(directory), await realpath(path)];
  return real.startsWith(root + sep);
}

/** A manifest lists some ten files. */
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

async function readJson(directory: string, path: string): Promise<{ json: unknown } | { problem: string }> {
  let text: string;
  try {
    const stats = await stat(path);
    if (!stats.isFile()) return { problem: `${path} is not a file` };
    if (stats.size > MAX_MANIFEST_BYTES) return { problem: `${path} is larger than ${MAX_MANIFEST_BYTES >> 20} MB` };
    text = await readFile(path, 'utf8');
  } catch (error) {
    const code = codeOf(error) ?? String(error);
    const directoryThere = await stat(directory).then(
      (stats) => stats.isDirectory(),
      () => false,
    );
    if (!directoryThere)
      throw invalid(
        [`${directory} is not a directory`],
        'correct artifacts.bundle in the topology, or the directory on the command line',
      );
    return { problem: `${path} ${code === 'ENOENT' ? 'does not exist' : `cannot be read: ${code}`}` };
  }
  try {
    return { json: parseJson(text, z.unknown()) };
  } catch (error) {
    return { problem: `${path} is not valid JSON: ${messageOf(error)}` };
  }
}

/** The artifacts of an invalid manifest that are valid themselves: their files can still be checked. */
function soundArtifacts(json: unknown): Artifact[] {
  const { data } = z.object({ artifacts: z.array(z.unknown()) }).safeParse(json);
  return (data?.artifacts ?? []).flatMap((artifact) => {
    const parsed = artifactSchema.safeParse(artifact);
    return parsed.success ? [parsed.data] : [];
  });
}

const invalid = (problems: string[], hint = 'build or fetch the bundle again'): ProvisionError =>
  new ProvisionError('BUNDLE_INVALID', problems.join('\n'), hint);

/** `artifacts[2].sha256` */
const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '') || 'manifest';

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
