import { namedTools, toolFiles } from '../../domain/artifacts/placement.js';
import type { Download } from '../../domain/artifacts/releases.js';
import { K3S_BINARY, TOOLS_DIRECTORY } from '../../domain/hosts/paths.js';
import type { Scope } from '../../contract/topology/scope.js';
import { seeFiles } from '../files.js';
import { filePart } from './file-part.js';

const LINKERD = `${TOOLS_DIRECTORY}/linkerd`;

/** Linkerd's command, which renders what is installed. It is needed as soon as K3s runs, so it travels before other tools. */
export const linkerdCommand = (downloads: (scope: Scope, arch: string, mirror?: string) => Download[]) =>
  filePart({
    name: 'linkerd-command',
    title: 'ship the linkerd command',
    // K3s's files are sent first, so that K3s starts as soon as possible.
    needs: ['claim', 'k3s-files'],
    wanted: (scope) => scope,
    see: (site, scope) =>
      seeFiles(site, scope.settings.artifacts, 'linkerd-command', {
        fromBundle: (manifest, arch) => namedTools(manifest, arch, ['linkerd']),
        fromReleases: (arch, mirror) => downloads(scope, arch, mirror),
      }),
    owns: (path) => path === LINKERD,
  });

/**
 * Command-line tools of the bundle, for people. Nothing waits for them, so they travel last. A tool that was there before
 * us stays. @param others names of tools that are parts of their own
 */
export const tools = (others: readonly string[]) =>
  filePart({
    name: 'tools',
    title: 'ship command-line tools',
    needs: ['claim', 'k3s', 'images', 'linkerd-command', 'multicluster'],
    wanted: ({ settings: { artifacts } }) => artifacts,
    see: (site, source) =>
      seeFiles(site, source, 'tools', {
        fromBundle: (manifest, arch) =>
          toolFiles(manifest, arch).filter(({ artifact }) => !others.includes(artifact.name)),
        fromReleases: () => [],
      }),
    owns: (path) => path.startsWith(`${TOOLS_DIRECTORY}/`) && path !== K3S_BINARY,
  });
