import type { BundleManifest } from './bundle-manifest.js';
import { GATEWAY_API_ARTIFACT, linkerdImages } from './linkerd-images.js';
import type { Topology } from '../../contract/topology.js';

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

export function missingMeshParts({ artifacts }: BundleManifest, version: string): string[] {
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
