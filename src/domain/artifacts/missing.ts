import { given } from '../../contract/topology/given.js';
import type { Topology } from '../../contract/topology/topology.js';
import type { BundleManifest } from './bundle-manifest.js';
import { fullReference } from './image-place.js';
import { GATEWAY_API_ARTIFACT } from './components/linkerd-images.js';
import { NGINX_INGRESS_CRDS } from './components/nginx-ingress.js';

/** What a topology asks a bundle for. */
export interface WantedParts {
  /** Release. */
  k3s: string;
  /** That the pods run from. */
  images: readonly string[];
  /** Release; absent: no pod is Linkerd's. */
  linkerd?: string;
  /** The NGINX Ingress Controller is the edge. */
  nginx?: true;
  /** Command-line tools that are named; absent: those that are there. */
  tools?: readonly string[];
}

/** Another program than F5's controller, with nearly its name. */
const RETIRED = /\/ingress-nginx\//;
const OF_LINKERD = /^cr\.l5d\.io\/linkerd\//;

/** @param images that the pods of all parts run from: Linkerd is wanted when one of them is Linkerd's */
export const wantedParts = (
  { k3s, linkerd, nats, tools }: Pick<Topology, 'k3s' | 'linkerd' | 'nats' | 'tools'>,
  images: readonly string[],
): WantedParts => ({
  k3s: k3s.version,
  images,
  ...(images.some((image) => OF_LINKERD.test(image)) ? { linkerd: linkerd.version } : {}),
  ...(nats.edge === 'nginx' ? { nginx: true } : {}),
  ...given({ tools }),
});

/** What is missing in a bundle for an installation, a clause each; empty when it is complete. */
export const missingParts = (
  manifest: BundleManifest,
  { k3s, images, linkerd, nginx, tools = [] }: WantedParts,
): string[] => [
  ...missingK3s(manifest, k3s),
  ...missingImages(manifest, images),
  ...(linkerd === undefined ? [] : missingLinkerd(manifest, linkerd)),
  ...(nginx === undefined ? [] : missingNginx(manifest)),
  ...tools
    .filter((tool) => !manifest.artifacts.some(({ kind, name }) => kind === 'cli' && name === tool))
    .map((tool) => `it has no artifact of kind "cli" named "${tool}", which the topology's tools name`),
];

function missingK3s({ artifacts }: BundleManifest, version: string): string[] {
  const versions = versionsOf(artifacts.filter(({ kind }) => kind === 'k3s'));
  return [
    ...(versions.length === 0 ? ['it has no artifact of kind "k3s"'] : []),
    ...(versions.length === 0 || versions.includes(version)
      ? []
      : [`it has K3s ${versions.join(', ')}, and the topology asks for k3s.version ${version}`]),
    ...(artifacts.some(({ kind }) => kind === 'k3s-install') ? [] : ['it has no artifact of kind "k3s-install"']),
  ];
}

function missingImages({ artifacts }: BundleManifest, images: readonly string[]): string[] {
  const present = new Set(
    artifacts.flatMap((artifact) => (artifact.kind === 'images' ? artifact.images.map(fullReference) : [])),
  );
  return images.filter((image) => !present.has(fullReference(image))).map((image) => `it has no image ${image}`);
}

function missingLinkerd({ artifacts }: BundleManifest, version: string): string[] {
  const versions = versionsOf(artifacts.filter(({ kind, name }) => kind === 'cli' && name === 'linkerd'));
  return [
    ...(versions.length === 0 ? ['it has no artifact of kind "cli" named "linkerd"'] : []),
    ...(versions.length === 0 || versions.includes(version)
      ? []
      : [`it has linkerd ${versions.join(', ')}, and the topology asks for linkerd.version ${version}`]),
    ...missingManifests({ artifacts }, GATEWAY_API_ARTIFACT),
  ];
}

const missingNginx = (manifest: BundleManifest): string[] => [
  ...missingManifests(manifest, NGINX_INGRESS_CRDS),
  ...manifest.artifacts
    .flatMap((artifact) => (artifact.kind === 'images' ? artifact.images : []))
    .filter((image) => RETIRED.test(image))
    .map((image) => `it has ${image}, the community's controller, which is retired; edge nginx is F5's`),
];

const missingManifests = ({ artifacts }: Pick<BundleManifest, 'artifacts'>, wanted: string): string[] =>
  artifacts.some(({ kind, name }) => kind === 'manifests' && name === wanted)
    ? []
    : [`it has no artifact of kind "manifests" named "${wanted}"`];

const versionsOf = (artifacts: BundleManifest['artifacts']): string[] => [
  ...new Set(artifacts.map(({ version }) => version)),
];
