import type { ArtifactSource } from '../../contract/topology/topology.js';
import { k3sFiles, k3sImageFiles } from '../../domain/artifacts/placement.js';
import { k3sDownloads } from '../../domain/artifacts/releases.js';
import { INSTALL_SCRIPT, K3S_BINARY } from '../../domain/hosts/paths.js';
import { seeFiles, type FileSeen } from '../files.js';
import type { Site } from '../site.js';
import { isAdopted } from './claim.js';
import { filePart } from './file-part.js';

interface Wanted {
  source: ArtifactSource;
  version: string;
}

/** None on a host whose K3s stays as it is. */
export const seeK3sFiles = async (site: Site, { source, version }: Wanted): Promise<FileSeen[]> =>
  (await isAdopted(site))
    ? []
    : seeFiles(site, source, 'K3s', {
        fromBundle: (manifest, arch) => [...k3sFiles(manifest, arch), ...k3sImageFiles(manifest, arch)],
        fromReleases: (arch, mirror) => k3sDownloads(version, arch, mirror),
      });

/**
 * K3s's binary, its install script and its own images. They are sent before all others: K3s starts with them, and a pod
 * that starts before its image has arrived waits out a back-off of the kubelet.
 */
export const k3sFilesPart = filePart({
  name: 'k3s-files',
  title: 'ship K3s',
  needs: ['claim'],
  wanted: ({ settings: { artifacts, k3s } }): Wanted => ({ source: artifacts, version: k3s.version }),
  see: seeK3sFiles,
  owns: (path) => path === K3S_BINARY || path === INSTALL_SCRIPT,
});
