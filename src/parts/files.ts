import { join } from 'node:path';
import type { ArtifactSource } from '../contract/topology.js';
import type { Step } from '../contract/plan.js';
import type { BundleManifest } from '../domain/artifacts/bundle-manifest.js';
import {
  fileFactsScript,
  inventoryScript,
  parseFileFacts,
  toShip,
  type FileFacts,
  type PlacedArtifact,
} from '../domain/artifacts/placement.js';
import type { Site } from './site.js';

/** A file that belongs on a host, with what is there. */
export interface FileSeen {
  wanted: PlacedArtifact;
  seen: FileFacts | undefined;
}

export type Bundle = Extract<ArtifactSource, { from: 'bundle' }>;

/** Files of the bundle for the host's architecture, compared with those that are there. */
export const seeBundleFiles = (
  site: Site,
  { folder }: Bundle,
  key: string,
  pick: (manifest: BundleManifest, arch: string) => PlacedArtifact[],
): Promise<FileSeen[]> =>
  site.once(`files of ${key}`, async () => {
    const [manifest, arch] = await Promise.all([site.ports.bundles.manifest(folder), archOf(site)]);
    const wanted = pick(manifest, arch);
    const facts = parseFileFacts(await site.print(fileFactsScript(wanted.map(({ path }) => path))));
    return wanted.map((file) => ({ wanted: file, seen: facts.get(file.path) }));
  });

export const archOf = (site: Site): Promise<string> =>
  site.once('architecture', async () => ((await site.print('uname -m')).trim() === 'aarch64' ? 'arm64' : 'amd64'));

/** Names of the files that are to be sent: those that differ, but for a tool that was there before us. */
export function decideFiles(files: readonly FileSeen[]): Step[] {
  const facts = new Map(
    files.flatMap(({ wanted, seen }) => (seen === undefined ? [] : [[wanted.path, seen] as const])),
  );
  return toShip(
    files.map(({ wanted }) => wanted),
    facts,
  ).map(({ artifact, path, mode }): Step => {
    const seen = facts.get(path);
    if (seen === undefined) return { verb: 'create', object: path, because: 'it is not there' };
    const diff = [
      ...(seen.sha256 === artifact.sha256
        ? []
        : [`sha256: ${seen.sha256.slice(0, 8)} → ${artifact.sha256.slice(0, 8)}`]),
      ...(seen.mode === mode ? [] : [`mode: ${seen.mode} → ${mode}`]),
    ];
    return { verb: 'change', object: path, because: `it is not ${artifact.name} ${artifact.version}`, diff };
  });
}

/** Sends the files that the steps name, each into the inventory first, so that teardown finds it. */
export async function sendFiles(
  site: Site,
  { folder }: Bundle,
  steps: readonly Step[],
  files: readonly FileSeen[],
): Promise<void> {
  const chosen = files.filter(({ wanted }) => steps.some(({ object }) => object === wanted.path));
  if (chosen.length === 0) return;
  await site.run(inventoryScript(chosen.map(({ wanted }) => wanted.path)));
  for (const { wanted } of chosen) {
    const { artifact, path, mode } = wanted;
    site.work.heartbeat(`sending ${artifact.name}`);
    const file = { path: join(folder, artifact.file), sha256: artifact.sha256, size: artifact.size };
    await site.upload(file, { path, mode });
  }
}
