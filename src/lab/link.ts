import type { BundleManifest } from '../domain/artifacts/bundle-manifest.js';

const CONTROLLER = 'cr.l5d.io/linkerd/controller:';

/** The release of Linkerd that a bundle has whole: the command line and the images of one version. */
export function linkerdIn({ artifacts }: BundleManifest): string | undefined {
  const tools = artifacts.filter(({ kind, name }) => kind === 'cli' && name === 'linkerd');
  const images = artifacts.flatMap((artifact) => (artifact.kind === 'images' ? artifact.images : []));
  return tools.map(({ version }) => version).find((version) => images.includes(`${CONTROLLER}${version}`));
}

/** In one line, how the lab's clusters will be linked and why. */
export const linkLine = (linkerd: string | undefined): string =>
  linkerd === undefined ? 'direct: the bundle has no Linkerd' : `mesh: the bundle has Linkerd ${linkerd}`;
