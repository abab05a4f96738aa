import { NGINX_INGRESS } from './components/nginx-ingress.js';
import { quote } from '../hosts/quote.js';
import type { Artifact, ArtifactKind, BundleManifest } from './bundle-manifest.js';
import { fullReference } from './image-place.js';
import { SHA256_FUNCTION } from '../hosts/checksum.js';
import {
  INVENTORY_FILE,
  K3S_BINARY,
  TOOLS_DIRECTORY,
  IMAGES_DIRECTORY,
  INSTALL_SCRIPT,
  K3S_STALE_MARK,
  STAMPS_FILE,
} from '../hosts/paths.js';

/** A file of the bundle and its place on a host. */
export interface PlacedArtifact {
  artifact: Artifact;
  path: string;
  mode: string;
}

const ofKind = <K extends ArtifactKind>(
  manifest: BundleManifest,
  kind: K,
  arch: string,
): Extract<Artifact, { kind: K }>[] =>
  manifest.artifacts.filter(
    (artifact): artifact is Extract<Artifact, { kind: K }> =>
      artifact.kind === kind && (artifact.arch === 'any' || artifact.arch === arch),
  );

/** The binary and the install script. */
export function k3sFiles(manifest: BundleManifest, arch: string): PlacedArtifact[] {
  return [
    ...ofKind(manifest, 'k3s', arch).map((artifact) => ({ artifact, path: K3S_BINARY, mode: '0755' })),
    ...ofKind(manifest, 'k3s-install', arch).map((artifact) => ({ artifact, path: INSTALL_SCRIPT, mode: '0700' })),
  ];
}

/** Images of K3s itself, such as pause and CoreDNS: without them no pod starts. */
const OF_K3S = /^docker\.io\/rancher\//;

const isOfK3s = ({ artifact }: PlacedArtifact): boolean =>
  artifact.kind === 'images' && artifact.images.some((image) => OF_K3S.test(fullReference(image)));

/** Tarballs with K3s's own images, which travel with K3s. */
export const k3sImageFiles = (manifest: BundleManifest, arch: string): PlacedArtifact[] =>
  imageFiles(manifest, arch).filter(isOfK3s);

/** All other tarballs of images, those that are needed first in front. That of NGINX only where it is the edge. */
export function otherImageFiles(manifest: BundleManifest, arch: string, needed: readonly string[]): PlacedArtifact[] {
  const wanted = needed.map(fullReference);
  const place = ({ artifact }: PlacedArtifact): number =>
    artifact.kind === 'images'
      ? Math.min(...artifact.images.map((image) => indexOf(wanted, fullReference(image))))
      : wanted.length;
  return imageFiles(manifest, arch)
    .filter((file) => !isOfK3s(file) && (file.artifact.name !== NGINX_INGRESS || place(file) < wanted.length))
    .sort((left, right) => place(left) - place(right));
}

const indexOf = (all: readonly string[], one: string): number => (all.includes(one) ? all.indexOf(one) : all.length);

/** The name keeps the suffix, from which K3s reads the compression. */
export const imageFiles = (manifest: BundleManifest, arch: string): PlacedArtifact[] =>
  ofKind(manifest, 'images', arch).map((artifact) => ({
    artifact,
    path: `${IMAGES_DIRECTORY}/${basename(artifact.file)}`,
    mode: '0644',
  }));

/** Without kubectl, which K3s links itself: two files of one name would conflict. */
export const toolFiles = (manifest: BundleManifest, arch: string): PlacedArtifact[] =>
  ofKind(manifest, 'cli', arch)
    .filter((artifact) => artifact.name !== 'kubectl')
    .map((artifact) => ({ artifact, path: `${TOOLS_DIRECTORY}/${artifact.name}`, mode: '0755' }));

export const namedTools = (manifest: BundleManifest, arch: string, names: readonly string[]): PlacedArtifact[] =>
  toolFiles(manifest, arch).filter(({ artifact }) => names.includes(artifact.name));

const basename = (file: string): string => file.slice(file.lastIndexOf('/') + 1);

/** Goes before a replacement: K3s runs from what it unpacked of its former binary until it is restarted. */
export const markStale = (path: string): string[] => (path === K3S_BINARY ? [`touch ${K3S_STALE_MARK}`] : []);

/** Writes the paths into the inventory by which teardown finds them, and marks what their replacement makes stale. */
export const inventoryScript = (paths: readonly string[]): string =>
  paths
    .flatMap((path) => [
      `grep -qsxF ${quote(path)} ${INVENTORY_FILE} || echo ${quote(path)} >> ${INVENTORY_FILE}`,
      ...markStale(path),
    ])
    .join('\n');

/** Changes whenever the file or its name does: the inode, the size, and both times to the nanosecond. */
const STAMP = `stat -c '%i %s %.9Y %.9Z'`;

/** Notes of files that have just been placed, so that a later look need not read hundreds of megabytes. */
export const stampScript = (files: readonly { path: string; sha256: string }[]): string =>
  files.map(({ path, sha256 }) => `echo "${sha256} $(${STAMP} ${quote(path)}) ${path}" >> ${STAMPS_FILE}`).join('\n');

/** Prints `<sha256> <mode> <ours|theirs> <path>` for each file that is there; theirs: not in our inventory. */
export const fileFactsScript = (paths: readonly string[]): string => `
${SHA256_FUNCTION}
noted() {
  local sum stamp found=
  [ ! -f ${STAMPS_FILE} ] || while read -r sum stamp; do [ "$stamp" != "$1" ] || found=$sum; done < ${STAMPS_FILE}
  [[ $found =~ ^[0-9a-f]{64}$ ]] && echo "$found"
}
for file in ${paths.map(quote).join(' ')}; do
  [ -f "$file" ] || continue
  grep -qsxF "$file" ${INVENTORY_FILE} && whose=ours || whose=theirs
  sum=$(noted "$(${STAMP} "$file") $file") || sum=$(sha256 < "$file")
  echo "$sum $(stat -c %04a "$file") $whose $file"
done
true
`;

export interface FileFacts {
  sha256: string;
  mode: string;
  ours: boolean;
}

export function parseFileFacts(output: string): Map<string, FileFacts> {
  const facts = new Map<string, FileFacts>();
  for (const line of output.split('\n')) {
    const [sha256, mode, whose, ...path] = line.split(' ');
    if (sha256 !== undefined && mode !== undefined && path.length > 0)
      facts.set(path.join(' '), { sha256, mode, ours: whose === 'ours' });
  }
  return facts;
}
