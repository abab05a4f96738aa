import type { ArtifactSource } from '../contract/topology/topology.js';
import type { Step } from '../contract/plan.js';
import type { ArtifactKind, BundleManifest } from '../domain/artifacts/bundle-manifest.js';
import {
  fileFactsScript,
  inventoryScript,
  parseFileFacts,
  stampScript,
  type FileFacts,
  type PlacedArtifact,
} from '../domain/artifacts/placement.js';
import type { Download } from '../domain/artifacts/releases.js';
import type { ArchivedDownload } from '../domain/artifacts/tools.js';
import { download, downloadArchived, isArchived, readChecksums, refused, type Unknown } from './downloads.js';
import { archOf } from './machine.js';
import type { Site } from './site.js';

/** A file that belongs on a host. */
export interface FileWanted {
  path: string;
  mode: string;
  /** For people: `k3s v1.36.3+k3s1`. */
  name: string;
  /** Hex; or why it is not known. */
  sha256: string | Unknown;
  /** A file of the same path that was there before us stays as it is. */
  keepsOthers: boolean;
  send(site: Site): Promise<void>;
}

export interface FileSeen {
  wanted: FileWanted;
  seen: FileFacts | undefined;
}

/** The files of one kind in either source. */
export interface FilePick {
  fromBundle: (manifest: BundleManifest, arch: string) => PlacedArtifact[];
  fromReleases: (arch: string, mirror?: string) => (Download | ArchivedDownload)[];
}

/** Files for the host's architecture, compared with those that are there. The key names the kind. */
export const seeFiles = (site: Site, source: ArtifactSource, key: string, pick: FilePick): Promise<FileSeen[]> =>
  site.once(`files of ${key}`, async () => {
    const wanted = await (source.from === 'bundle'
      ? ofBundle(site, source.folder, pick)
      : ofReleases(site, source.mirror, pick));
    if (wanted.length === 0) return [];
    const facts = parseFileFacts(await site.look(fileFactsScript(wanted.map(({ path }) => path))));
    for (const { path, sha256 } of wanted)
      if (typeof sha256 !== 'string' && sha256.isRefused === true && !facts.has(path))
        throw refused(site, sha256.unknown);
    return wanted.map((file) => ({ wanted: file, seen: facts.get(file.path) }));
  });

async function ofBundle(site: Site, directory: string, { fromBundle }: FilePick): Promise<FileWanted[]> {
  const [manifest, arch] = await Promise.all([site.ports.bundles.manifest(directory), archOf(site)]);
  return fromBundle(manifest, arch).map(({ artifact, path, mode }) => ({
    path,
    mode,
    name: `${artifact.name} ${artifact.version}`,
    sha256: artifact.sha256,
    keepsOthers: keepsOthers(artifact.kind),
    send: async (to) => {
      to.work.heartbeat(`sending ${artifact.name}`);
      const local = await to.ports.bundles.locate(directory, artifact);
      await to.upload({ path: local, sha256: artifact.sha256, size: artifact.size }, { path, mode });
    },
  }));
}

async function ofReleases(site: Site, mirror: string | undefined, { fromReleases }: FilePick): Promise<FileWanted[]> {
  const files = fromReleases(await archOf(site), mirror);
  if (files.length === 0) return [];
  const checksumOf = await readChecksums(site, files);
  return files.map((file) => ({
    path: file.path,
    mode: file.mode,
    name: isArchived(file) ? `${file.name} ${file.version}` : file.sums.name,
    sha256: checksumOf(file),
    keepsOthers: keepsOthers(file.kind),
    send: (to) => (isArchived(file) ? downloadArchived(to, file) : download(to, file)),
  }));
}

/** K3s itself has to be the one that is wanted. */
const keepsOthers = (kind: ArtifactKind): boolean => kind === 'cli' || kind === 'images';

/** The files that are to be sent, because they are missing or differ. */
export const decideFiles = (files: readonly FileSeen[]): Step[] =>
  files.flatMap(({ wanted, seen }): Step[] => {
    const { path: object, mode, name, sha256 } = wanted;
    if (seen !== undefined && wanted.keepsOthers && !seen.ours) return [];
    if (typeof sha256 !== 'string') {
      const { unknown } = sha256;
      return seen === undefined
        ? [{ verb: 'create', object, because: `it is not there; ${unknown}` }]
        : [{ verb: 'change', object, because: `it cannot be compared yet; ${unknown}` }];
    }
    if (seen === undefined) return [{ verb: 'create', object, because: 'it is not there' }];
    const diff = [...change('sha256', short(seen.sha256), short(sha256)), ...change('mode', seen.mode, mode)];
    return diff.length === 0 ? [] : [{ verb: 'change', object, because: `it differs from ${name}`, diff }];
  });

const short = (sha256: string): string => sha256.slice(0, 8);

const change = (what: string, from: string, to: string): string[] => (from === to ? [] : [`${what}: ${from} → ${to}`]);

/** Sends the files that the steps name, each into the inventory first, so that teardown finds it. */
export async function sendFiles(site: Site, steps: readonly Step[], files: readonly FileSeen[]): Promise<void> {
  const chosen = files.filter(({ wanted }) => steps.some(({ object }) => object === wanted.path));
  if (chosen.length === 0) return;
  await site.run(inventoryScript(chosen.map(({ wanted }) => wanted.path)), { failFast: true });
  for (const { wanted } of chosen) await wanted.send(site);
  const known = chosen.flatMap(({ wanted: { path, sha256 } }) =>
    typeof sha256 === 'string' ? [{ path, sha256 }] : [],
  );
  if (known.length > 0) await site.run(stampScript(known), { failFast: true });
}
