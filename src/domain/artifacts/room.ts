import type { BundleManifest } from './bundle-manifest.js';

/** K3s, its images and those of the system, downloaded and unpacked. */
export const RELEASES_MB = 1_000;

const COMPRESSED = /\.(gz|tgz|zst)$/;
/** What a compressed archive grows to; K3s's binary carries one too. */
const UNPACKED = 3;

/** What a bundle takes on a host of this architecture: its files, which stay there, and what is unpacked from them. */
export function roomForMb({ artifacts }: BundleManifest, arch: string): number {
  const bytes = artifacts
    .filter((artifact) => artifact.arch === 'any' || artifact.arch === arch)
    .reduce((sum, { kind, file, size }) => sum + size * (1 + growthOf(kind, file)), 0);
  return Math.ceil(bytes / 1024 / 1024);
}

function growthOf(kind: BundleManifest['artifacts'][number]['kind'], file: string): number {
  if (kind === 'k3s') return UNPACKED;
  if (kind !== 'images') return 0;
  return COMPRESSED.test(file) ? UNPACKED : 1;
}
