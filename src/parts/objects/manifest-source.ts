import { createHash } from 'node:crypto';
import { ProvisionError } from '../../contract/errors.js';
import type { ArtifactSource } from '../../contract/topology/topology.js';
import { printPinnedScript, type PinnedDownload } from '../../domain/artifacts/releases.js';
import type { Site } from '../site.js';

export interface ManifestSource {
  /** Names the contents before they are read. */
  sha256: string;
  read: () => Promise<string>;
}

export interface Manifests {
  /** Of the artifact of kind `manifests` in a bundle. */
  artifact: string;
  downloads: (mirror: string | undefined) => readonly PinnedDownload[];
}

const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;
/** By the exit code of the script. */
const FAILURES: Readonly<Record<number, 'ARTIFACT_CORRUPT' | 'PREFLIGHT_FAILED' | 'DOWNLOAD_FAILED'>> = {
  41: 'ARTIFACT_CORRUPT',
  43: 'PREFLIGHT_FAILED',
  44: 'DOWNLOAD_FAILED',
};

/** Where nothing is to be applied. */
export const NO_MANIFESTS: ManifestSource = { sha256: '', read: () => Promise.resolve('') };

/** Manifests of a release: from the bundle, or downloaded by the host and checked there. */
export async function manifestSource(
  site: Site,
  source: ArtifactSource,
  { artifact: wanted, downloads }: Manifests,
): Promise<ManifestSource> {
  if (source.from === 'releases') return released(site, downloads(source.mirror));
  const { bundles } = site.ports;
  const { artifacts } = await bundles.manifest(source.folder);
  const artifact = artifacts.find(({ kind, name }) => kind === 'manifests' && name === wanted);
  if (artifact !== undefined) return { sha256: artifact.sha256, read: () => bundles.text(source.folder, artifact) };
  throw new ProvisionError('BUNDLE_INVALID', `the bundle has no manifests named ${wanted}`, 'use one that has');
}

function released(site: Site, files: readonly PinnedDownload[]): ManifestSource {
  const sha256 = createHash('sha256').update(files.map((file) => file.sha256).join('\n'));
  return {
    sha256: sha256.digest('hex'),
    read: async () => {
      const options = { timeoutMs: DOWNLOAD_TIMEOUT_MS, okCodes: [41, 43, 44] };
      const { code, stdout, stderr } = await site.run(printPinnedScript(files), options);
      const failure = FAILURES[code];
      if (failure === undefined) return stdout;
      const url = stderr.trim().split('\n').at(-1) ?? '';
      const message = {
        ARTIFACT_CORRUPT: `checksum mismatch for ${url}`,
        PREFLIGHT_FAILED: 'command curl is missing',
        DOWNLOAD_FAILED: `the host cannot download ${url}`,
      }[failure];
      const hint = 'check the mirror and that the host can reach it, or use artifacts.bundle';
      throw new ProvisionError(failure, message, hint, { host: site.host.name });
    },
  };
}
