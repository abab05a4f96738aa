import { namedTools, toolFiles } from '../../domain/artifacts/placement.js';
import { linkerdDownloads, type Download } from '../../domain/artifacts/releases.js';
import { toolDownloads } from '../../domain/artifacts/tools.js';
import { commandsElsewhereScript } from '../../domain/artifacts/unpack.js';
import { K3S_BINARY, TOOLS_DIRECTORY } from '../../domain/hosts/paths.js';
import type { Scope } from '../../contract/topology/scope.js';
import { seeFiles, type FileSeen } from '../files.js';
import type { Site } from '../site.js';
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
 * Command-line tools, for people. Nothing waits for them, so they travel last: sending them would take what Linkerd, and
 * then the link, need of a small host to start. A tool that was there before us stays, wherever it is.
 * @param others names of tools that are parts of their own
 */
export const tools = (others: readonly string[]) =>
  filePart({
    name: 'tools',
    title: 'ship command-line tools',
    needs: ['claim', 'k3s', 'images', 'linkerd-command', 'linkerd', 'multicluster', 'gateway', 'mirror-controller'],
    wanted: ({ settings: { artifacts, tools: named, linkerd } }) => ({ artifacts, named, linkerd: linkerd.version }),
    see: async (site, { artifacts, named, linkerd }) => {
      const isWanted = (name: string): boolean => !others.includes(name) && named?.includes(name) !== false;
      const files = await seeFiles(site, artifacts, 'tools', {
        fromBundle: (manifest, arch) => toolFiles(manifest, arch).filter(({ artifact }) => isWanted(artifact.name)),
        fromReleases: (arch, mirror) =>
          [...linkerdDownloads(linkerd, arch, mirror), ...toolDownloads(arch, mirror)].filter(({ path }) =>
            isWanted(nameOf(path)),
          ),
      });
      return withoutOthers(site, files);
    },
    owns: (path) => path.startsWith(`${TOOLS_DIRECTORY}/`) && path !== K3S_BINARY,
  });

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Ours would hide one of the owner's in another directory. */
async function withoutOthers(site: Site, files: readonly FileSeen[]): Promise<FileSeen[]> {
  const absent = files.filter(({ seen }) => seen === undefined).map(({ wanted }) => nameOf(wanted.path));
  if (absent.length === 0) return [...files];
  const script = commandsElsewhereScript(absent, TOOLS_DIRECTORY);
  const elsewhere = await site.once('commands elsewhere', async () => (await site.look(script)).split('\n'));
  return files.filter(({ wanted, seen }) => seen !== undefined || !elsewhere.includes(nameOf(wanted.path)));
}
