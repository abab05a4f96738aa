import type { Scope } from '../../contract/topology/scope.js';
import { otherImageFiles } from '../../domain/artifacts/placement.js';
import { fail, pass } from '../../domain/checks/verdict.js';
import { IMAGES_DIRECTORY } from '../../domain/hosts/paths.js';
import { imageListScript, missingImages } from '../../domain/k3s/images.js';
import { check, type Check } from '../check.js';
import { seeFiles } from '../files.js';
import { filePart } from './file-part.js';
import { apiServerReady } from './k3s.js';

/**
 * Images of the bundle, all but K3s's own: they travel while K3s starts, and K3s imports them as they arrive. Without a
 * bundle K3s pulls them. @param neededBy what the pods of a cluster run from, in the order in which they start
 */
export const images = (neededBy: (scope: Scope) => readonly string[]) =>
  filePart({
    name: 'images',
    title: 'ship images',
    // K3s's files are sent first, so that K3s starts as soon as possible.
    needs: ['claim', 'k3s-files'],
    wanted: (scope) => ({ source: scope.settings.artifacts, needed: neededBy(scope) }),
    see: (site, { source, needed }) =>
      seeFiles(site, source, 'images', {
        fromBundle: (manifest, arch) => otherImageFiles(manifest, arch, needed),
        fromReleases: () => [],
      }),
    owns: (path) => path.startsWith(`${IMAGES_DIRECTORY}/`),
    checks: (scope) => (scope.settings.artifacts.from === 'releases' ? [] : [imported(scope, neededBy(scope))]),
  });

const imported = ({ cluster: { name } }: Scope, needed: readonly string[]): Check =>
  check<string[]>({
    id: 'images-imported',
    category: 'k3s',
    subject: name,
    title: 'the images of all pods are imported',
    severity: 'error',
    needs: [apiServerReady(name)],
    retry: { forSeconds: 300, everySeconds: 1 },
    confirms: { code: 'NOT_READY', look: 'sudo journalctl -u k3s | grep -i image' },
    probe: async (site) => missingImages(needed, await site.print(imageListScript, { okCodes: [1] })),
    judge: (missing) => (missing.length === 0 ? pass() : fail(`K3s has not imported ${missing.join(', ')}`)),
  });
