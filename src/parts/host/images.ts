import type { Permanence } from '../../contract/checks.js';
import type { Scope } from '../../contract/topology/scope.js';
import { otherImageFiles } from '../../domain/artifacts/placement.js';
import { fail, pass } from '../../domain/checks/verdict.js';
import { IMAGES_DIRECTORY } from '../../domain/hosts/paths.js';
import { broughtImages, imageFactsScript, removeImagesScript } from '../../domain/k3s/before/images.js';
import { imageListScript, importFailureScript, missingImages } from '../../domain/k3s/images.js';
import { EDGE_NAMESPACE } from '../../domain/edge/names.js';
import { LINKERD_NAMESPACE, MULTICLUSTER_NAMESPACE } from '../../domain/linkerd/names.js';
import { NATS_NAMESPACE } from '../../domain/nats/names.js';
import { check, type Check } from '../check.js';
import { seeFiles } from '../files.js';
import type { Site } from '../site.js';
import { isAdopted } from './claim.js';
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
    // They go with a K3s that leafspan installed.
    brings: {
      see: async (site, { needed }, files) =>
        (await isAdopted(site)) ? broughtImages(await listed(site, files), needed).map(titled) : [],
      remove: async (site, images) => {
        await site.run(removeImagesScript(images.map(untitled)), { changes: true });
      },
    },
    checks: (scope) => (scope.settings.artifacts.from === 'releases' ? [] : [imported(scope, neededBy(scope))]),
  });

/** Where pods are leafspan's, in any link mode. */
export const NAMESPACES = [NATS_NAMESPACE, LINKERD_NAMESPACE, MULTICLUSTER_NAMESPACE, EDGE_NAMESPACE];

/** Whole or not at all: without the list of what others use, their images would go. */
const listed = (site: Site, files: readonly string[]): Promise<string> =>
  site.print(imageFactsScript(files, NAMESPACES), { failFast: true });

const TITLE = 'image ';
const titled = (reference: string): string => TITLE + reference;
const untitled = (title: string): string => title.slice(TITLE.length);

/** No container runtime yet, and no line that says why, is no failure of the scripts. */
const NONE_YET = { okCodes: [1] };
const IMPORT_FAILED: Permanence = {
  code: 'IMAGE_IMPORT_FAILED',
  remedy: 'make room on the host if the disk is full, otherwise build the bundle again, then provision',
  afterSeconds: 15,
};

const imported = ({ cluster: { name } }: Scope, needed: readonly string[]): Check =>
  check<{ missing: string[]; said: string }>({
    id: 'images-imported',
    category: 'k3s',
    subject: name,
    title: 'the images of all pods are imported',
    severity: 'error',
    needs: [apiServerReady(name)],
    retry: { forSeconds: 300, everySeconds: 0.5 },
    confirms: { code: 'NOT_READY', look: 'sudo journalctl -u k3s | grep -i image' },
    probe: async (site) => {
      const [listed, said] = await Promise.all([
        site.look(imageListScript, NONE_YET),
        site.look(importFailureScript, NONE_YET),
      ]);
      const missing = missingImages(needed, listed);
      return { missing, said: missing.length === 0 ? '' : said.trim() };
    },
    judge: ({ missing, said }) => {
      if (missing.length === 0) return pass();
      const because = `K3s has not imported ${missing.join(', ')}`;
      return said === '' ? fail(because) : fail(because, said, IMPORT_FAILED);
    },
  });
