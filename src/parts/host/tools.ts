import type { Scope } from '../../contract/scope.js';
import { toolFiles } from '../../domain/artifacts/placement.js';
import type { Download } from '../../domain/artifacts/releases.js';
import { K3S_BINARY, TOOLS_DIRECTORY } from '../../domain/hosts/paths.js';
import { seeFiles, type FilePick } from '../files.js';
import { filePart } from './file-part.js';

/** The tools that the work itself needs, for a host that downloads them. */
export type ToolDownloads = (scope: Scope, arch: string, mirror?: string) => Download[];

/** Command-line tools: those of the bundle, or those that the work needs. A tool that was there before us stays. */
export const tools = (downloads: ToolDownloads) =>
  filePart({
    name: 'tools',
    title: 'ship command-line tools',
    // K3s's files have the line for themselves.
    needs: ['claim', 'k3s-files'],
    wanted: (scope) => {
      const fromReleases: FilePick['fromReleases'] = (arch, mirror) => downloads(scope, arch, mirror);
      return { source: scope.settings.artifacts, pick: { fromBundle: toolFiles, fromReleases } };
    },
    see: (site, { source, pick }) => seeFiles(site, source, 'tools', pick),
    owns: (path) => path.startsWith(`${TOOLS_DIRECTORY}/`) && path !== K3S_BINARY,
  });
