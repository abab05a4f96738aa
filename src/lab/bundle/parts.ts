import { join } from 'node:path';
import { filesBelow, keyOf } from './cache-key.js';
import { DEBIAN_FILES, GATEWAY_API_SUM, IMAGES, RECIPE_DIRECTORY, VERSIONS } from './recipe.js';

/** Raise when the code that packs K3s, lays out images or assembles bundles changes what it writes. */
const LAYOUT_VERSION = 3;

export type PartName = 'debian' | 'gateway-api' | 'nats' | 'addons' | 'kubernetes' | 'images';

/** What is built in one go; its key stands for all that goes into it. */
export interface Part {
  name: PartName;
  key: string;
  title: string;
  /** How long it takes on two cores when nothing is cached. */
  estimate: string;
}

export interface BundlePlan {
  key: string;
  parts: Record<PartName, Part>;
  installScript: string;
  /** Directory of programs that stand for others. */
  doubles: string;
}

/** Names every part by its inputs, without building anything. */
export function planBundle(recipeDirectory: string = RECIPE_DIRECTORY): BundlePlan {
  const sources = filesBelow(recipeDirectory);
  const within = (directory: string) => sources.filter(({ name }) => name.startsWith(`${directory}/`));
  const kubernetesSources = sources.filter(
    ({ name }) => !/^(nats|addons|doubles)\/|^install\.sh$|_test\.go$/.test(name),
  );
  const debian = keyOf(DEBIAN_FILES);
  const nats = keyOf(within('nats'));
  const addons = keyOf(within('addons'), VERSIONS.helm);
  const kubernetes = keyOf(LAYOUT_VERSION, kubernetesSources, debian, VERSIONS.k3s, IMAGES.coredns, IMAGES.pause);
  const gatewayApi = keyOf(VERSIONS.gatewayApi, GATEWAY_API_SUM);
  const images = keyOf(LAYOUT_VERSION, IMAGES, kubernetes, nats, addons, debian);
  const part = (name: PartName, key: string, title: string, estimate: string): Part => ({ name, key, title, estimate });
  return {
    key: keyOf(LAYOUT_VERSION, sources, VERSIONS, debian, nats, addons, kubernetes, gatewayApi, images),
    installScript: join(recipeDirectory, 'install.sh'),
    doubles: join(recipeDirectory, 'doubles'),
    parts: {
      debian: part('debian', debian, 'fetching containerd, runc, CNI plugins, ipset and busybox', 'some 10 seconds'),
      'gateway-api': part('gateway-api', gatewayApi, `fetching Gateway API ${VERSIONS.gatewayApi}`, 'some seconds'),
      nats: part(
        'nats',
        nats,
        `building nats-server ${VERSIONS.natsServer} and nats ${VERSIONS.natsCli}`,
        'about 1 minute',
      ),
      addons: part(
        'addons',
        addons,
        `building CoreDNS ${VERSIONS.coredns} and helm ${VERSIONS.helm}`,
        'about 2 minutes',
      ),
      kubernetes: part('kubernetes', kubernetes, `building Kubernetes ${VERSIONS.kubernetes}`, 'about 10 minutes'),
      images: part('images', images, 'packing images', 'some seconds'),
    },
  };
}
