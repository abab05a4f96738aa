import { GATEWAY_API_ARTIFACT, linkerdImages } from './components/linkerd-images.js';
import { NGINX_INGRESS_CRDS, NGINX_INGRESS_IMAGE } from './components/nginx-ingress.js';
import { NATS_BOX_IMAGE, NATS_IMAGE } from './bundle-contents.js';
import type { Arch, Artifact, ArtifactKind, BundleManifest } from './bundle-manifest.js';
import { fullReference } from './image-place.js';

/** A link mode, or what an edge needs in addition. */
export type Purpose = 'direct' | 'mesh' | 'nginx';

/** containerd's own; without it no pod starts. K3s's tarball of images has it. */
const K3S_PAUSE = /^docker\.io\/rancher\/mirrored-pause:/;

/** The architectures that a bundle has K3s for. */
export const archesOf = ({ artifacts }: BundleManifest): Arch[] => [
  ...new Set(artifacts.flatMap(({ kind, arch }) => (kind === 'k3s' && arch !== 'any' ? [arch] : []))),
];

/**
 * What hosts of this architecture without internet access would miss in a provision, by the images
 * that a topology names when it says nothing else.
 */
export function missingParts(manifest: BundleManifest, arch: Arch, mode: Purpose): string[] {
  const artifacts = manifest.artifacts.filter((artifact) => artifact.arch === 'any' || artifact.arch === arch);
  if (mode === 'nginx')
    return [...images(artifacts, [NGINX_INGRESS_IMAGE]), ...ofKind(artifacts, 'manifests', NGINX_INGRESS_CRDS)];
  const direct = [
    ...ofKind(artifacts, 'k3s'),
    ...ofKind(artifacts, 'k3s-install'),
    ...(imagesOf(artifacts).some((image) => K3S_PAUSE.test(image)) ? [] : ["K3s's own images"]),
    ...images(artifacts, [NATS_IMAGE, NATS_BOX_IMAGE]),
  ];
  if (mode === 'direct') return direct;
  const cli = artifacts.find(({ kind, name }) => kind === 'cli' && name === 'linkerd');
  return [
    ...direct,
    ...(cli === undefined
      ? ['an artifact of kind "cli" with the name "linkerd"', ...anyLinkerdImage(artifacts)]
      : images(artifacts, linkerdImages(cli.version))),
    ...ofKind(artifacts, 'manifests', GATEWAY_API_ARTIFACT),
  ];
}

const ofKind = (artifacts: readonly Artifact[], kind: ArtifactKind, named?: string): string[] =>
  artifacts.some((artifact) => artifact.kind === kind && (named === undefined || artifact.name === named))
    ? []
    : [`an artifact of kind "${kind}"${named === undefined ? '' : ` with the name "${named}"`}`];

const imagesOf = (artifacts: readonly Artifact[]): string[] =>
  artifacts.flatMap((artifact) => (artifact.kind === 'images' ? artifact.images.map(fullReference) : []));

function images(artifacts: readonly Artifact[], wanted: readonly string[]): string[] {
  const present = new Set(imagesOf(artifacts));
  return wanted
    .map(fullReference)
    .filter((image) => !present.has(image))
    .map((image) => `image ${image}`);
}

/** Without the CLI the version of the mesh is not known. */
const anyLinkerdImage = (artifacts: readonly Artifact[]): string[] =>
  imagesOf(artifacts).some((image) => image.startsWith('cr.l5d.io/linkerd/')) ? [] : ['the images of Linkerd'];
