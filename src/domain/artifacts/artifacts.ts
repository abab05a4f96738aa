import type { Artifact, ArtifactKind, BundleManifest } from '../bundle/manifest.js';
import { SHA256_FUNCTION } from '../hosts/checksum.js';
import { INVENTORY_FILE } from '../hosts/removal.js';
import { GATEWAY_API_ARTIFACT, linkerdImages } from '../linkerd/images.js';
import type { Topology } from '../topology/types.js';

/** Where the parts of an installation live on a host. */
export const K3S_BINARY = '/usr/local/bin/k3s';
export const TOOLS_FOLDER = '/usr/local/bin';
export const IMAGES_FOLDER = '/var/lib/rancher/k3s/agent/images';
export const INSTALL_SCRIPT = '/var/lib/leafspan/k3s-install.sh';

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

export function k3sFiles(manifest: BundleManifest, arch: string): PlacedArtifact[] {
  return [
    ...ofKind(manifest, 'k3s', arch).map((artifact) => ({ artifact, path: K3S_BINARY, mode: '0755' })),
    ...ofKind(manifest, 'k3s-install', arch).map((artifact) => ({ artifact, path: INSTALL_SCRIPT, mode: '0700' })),
  ];
}

/** The name keeps the suffix, by which K3s tells the compression. */
export const imageFiles = (manifest: BundleManifest, arch: string): PlacedArtifact[] =>
  ofKind(manifest, 'images', arch).map((artifact) => ({
    artifact,
    path: `${IMAGES_FOLDER}/${basename(artifact.file)}`,
    mode: '0644',
  }));

/** kubectl is left to K3s's own link when K3s brings it: two files of one name would fight. */
export const toolFiles = (manifest: BundleManifest, arch: string): PlacedArtifact[] =>
  ofKind(manifest, 'cli', arch)
    .filter((artifact) => artifact.name !== 'kubectl')
    .map((artifact) => ({ artifact, path: `${TOOLS_FOLDER}/${artifact.name}`, mode: '0755' }));

/** Releases that a topology asks a bundle for. */
export interface WantedParts {
  k3s: string;
  /** Absent: no mesh. */
  linkerd?: string;
}

export const wantedParts = ({ k3s, link, linkerd }: Pick<Topology, 'k3s' | 'link' | 'linkerd'>): WantedParts => ({
  k3s: k3s.version,
  ...(link.mode === 'mesh' ? { linkerd: linkerd.version } : {}),
});

/** What a bundle lacks for an installation, each with its name; empty when it is complete. */
export function missingParts(manifest: BundleManifest, wanted: WantedParts): string[] {
  const k3s = manifest.artifacts.filter((artifact) => artifact.kind === 'k3s');
  const versions = [...new Set(k3s.map((artifact) => artifact.version))];
  return [
    ...(k3s.length === 0
      ? ['it has no artifact of kind "k3s"']
      : versions.includes(wanted.k3s)
        ? []
        : [`it has K3s ${versions.join(', ')}, and the topology asks for k3s.version ${wanted.k3s}`]),
    ...(manifest.artifacts.some((artifact) => artifact.kind === 'k3s-install')
      ? []
      : ['it has no artifact of kind "k3s-install"']),
    ...(wanted.linkerd === undefined ? [] : missingMeshParts(manifest, wanted.linkerd)),
  ];
}

function missingMeshParts({ artifacts }: BundleManifest, version: string): string[] {
  const commands = artifacts.filter(({ kind, name }) => kind === 'cli' && name === 'linkerd');
  const images = new Set(artifacts.flatMap((artifact) => (artifact.kind === 'images' ? artifact.images : [])));
  const versions = [...new Set(commands.map((command) => command.version))];
  return [
    ...(commands.length === 0
      ? ['it has no artifact of kind "cli" named "linkerd", which link.mode mesh needs']
      : versions.includes(version)
        ? []
        : [`it has linkerd ${versions.join(', ')}, and the topology asks for linkerd.version ${version}`]),
    ...linkerdImages(version)
      .filter((image) => !images.has(image))
      .map((image) => `it has no image ${image}, which link.mode mesh needs`),
    ...(artifacts.some(({ kind, name }) => kind === 'manifests' && name === GATEWAY_API_ARTIFACT)
      ? []
      : [`it has no artifact of kind "manifests" named "${GATEWAY_API_ARTIFACT}", which link.mode mesh needs`]),
  ];
}

const basename = (file: string): string => file.slice(file.lastIndexOf('/') + 1);

/** Writes the paths into the inventory by which teardown finds them. */
export const inventoryScript = (paths: readonly string[]): string =>
  paths.map((path) => `grep -qsxF '${path}' ${INVENTORY_FILE} || echo '${path}' >> ${INVENTORY_FILE}`).join('\n');

/** Prints `<sha256> <mode> <ours|theirs> <path>` for each file that is there; theirs: not in our inventory. */
export const fileFactsScript = (paths: readonly string[]): string => `
${SHA256_FUNCTION}
for file in ${paths.map((path) => `'${path}'`).join(' ')}; do
  [ -f "$file" ] || continue
  grep -qsxF "$file" ${INVENTORY_FILE} && whose=ours || whose=theirs
  echo "$(sha256 < "$file") $(stat -c %04a "$file") $whose $file"
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

/** The files that differ from what the bundle has, in the bundle's order. A tool that somebody else installed stays as it is. */
export const toShip = (wanted: readonly PlacedArtifact[], seen: ReadonlyMap<string, FileFacts>): PlacedArtifact[] =>
  wanted.filter(({ artifact, path, mode }) => {
    const facts = seen.get(path);
    if (facts === undefined) return true;
    if (artifact.kind === 'cli' && !facts.ours) return false;
    return facts.sha256 !== artifact.sha256 || facts.mode !== mode;
  });
