import {
  GATEWAY_API_VERSION,
  gatewayApiDownloads,
  k3sRelease,
  linkerdRelease,
  type PinnedDownload,
  type Published,
} from './releases.js';
import { GATEWAY_API_ARTIFACT, linkerdImages } from './components/linkerd-images.js';
import {
  NGINX_INGRESS,
  NGINX_INGRESS_CRDS,
  NGINX_INGRESS_CRDS_SHA256,
  NGINX_INGRESS_IMAGE,
  NGINX_INGRESS_VERSION,
} from './components/nginx-ingress.js';
import { nginxIngressDownloads } from './components/nginx-ingress-crds.js';
import { imagePlace, type ImagePlace } from './image-place.js';
import type { Arch, DescribedArtifact } from './bundle-manifest.js';
import { archivedTools, type ArchivedProgram } from './tools.js';

/** What a bundle is made of. Versions that a topology can choose are given, with the topology's own defaults. */
export interface BundleWanted {
  arch: Arch;
  k3s: string;
  linkerd: string;
  mirror?: string | undefined;
}

export const BUNDLE_DEFAULTS = { k3s: 'v1.36.3+k3s1', linkerd: 'edge-26.8.3' } as const;

/** As topologies name them when they say nothing else. */
export const NATS_IMAGE = 'nats:2.15.2-alpine';
export const NATS_BOX_IMAGE = 'natsio/nats-box:0.19.7';

/** Of `gateway-api.yaml`: the files of the release, joined. */
const GATEWAY_API_SHA256 = '6727118b8ae68f606b4b5325745111acf2c9e43a473717a8ff8b945dfb2e0169';

export type BundlePart =
  /** One file, by its publisher's checksum. `imageList` names what is in it. */
  | { from: 'publisher'; artifact: DescribedArtifact; file: Published; imageList?: Published }
  /** A program in an archive, whose checksum is known here. */
  | { from: 'archive'; artifact: DescribedArtifact; program: ArchivedProgram }
  /** Kubernetes manifests, joined to one file. */
  | { from: 'pinned'; artifact: DescribedArtifact; files: PinnedDownload[]; sha256: string }
  /** Images, packed into one tarball. */
  | { from: 'registry'; artifact: DescribedArtifact; arch: Arch; images: ImagePlace[] };

/** Small things first: what fails should fail before hundreds of megabytes, not after. */
export function bundleParts({ arch, k3s, linkerd, mirror }: BundleWanted): BundlePart[] {
  const release = k3sRelease(k3s, arch, mirror);
  const { name: tarball } = release.images.sums;
  return [
    {
      from: 'publisher',
      artifact: { kind: 'k3s-install', name: 'k3s-install', version: k3s, arch: 'any', file: 'install.sh' },
      file: release.installScript,
    },
    gatewayApi(mirror),
    nginxIngressCrds(mirror),
    images({ name: 'nats', version: tagOf(NATS_IMAGE).replace('-alpine', ''), arch, mirror }, [NATS_IMAGE]),
    images({ name: 'nats-box', version: tagOf(NATS_BOX_IMAGE), arch, mirror }, [NATS_BOX_IMAGE]),
    images({ name: NGINX_INGRESS, version: tagOf(NGINX_INGRESS_IMAGE), arch, mirror }, [NGINX_INGRESS_IMAGE]),
    {
      from: 'publisher',
      artifact: { kind: 'k3s', name: 'k3s', version: k3s, arch, file: 'k3s' },
      file: release.binary,
    },
    {
      from: 'publisher',
      artifact: { kind: 'cli', name: 'linkerd', version: linkerd, arch, file: 'cli/linkerd' },
      file: linkerdRelease(linkerd, arch, mirror),
    },
    ...archivedTools(arch, mirror).map((program): BundlePart => ({
      from: 'archive',
      artifact: { kind: 'cli', name: program.name, version: program.version, arch, file: `cli/${program.name}` },
      program,
    })),
    images({ name: 'linkerd', version: linkerd, arch, mirror }, linkerdImages(linkerd)),
    {
      from: 'publisher',
      artifact: { kind: 'images', name: 'k3s-images', version: k3s, arch, file: `images/${tarball}`, images: [] },
      file: release.images,
      imageList: release.imageList,
    },
  ];
}

const gatewayApi = (mirror?: string): BundlePart => ({
  from: 'pinned',
  artifact: {
    kind: 'manifests',
    name: GATEWAY_API_ARTIFACT,
    version: GATEWAY_API_VERSION,
    arch: 'any',
    file: 'gateway-api.yaml',
  },
  files: gatewayApiDownloads(mirror),
  sha256: GATEWAY_API_SHA256,
});

const nginxIngressCrds = (mirror?: string): BundlePart => ({
  from: 'pinned',
  artifact: {
    kind: 'manifests',
    name: NGINX_INGRESS_CRDS,
    version: NGINX_INGRESS_VERSION,
    arch: 'any',
    file: `${NGINX_INGRESS_CRDS}.yaml`,
  },
  files: nginxIngressDownloads(mirror),
  sha256: NGINX_INGRESS_CRDS_SHA256,
});

function images(
  { name, version, arch, mirror }: { name: string; version: string; arch: Arch; mirror?: string | undefined },
  references: readonly string[],
): BundlePart {
  const places = references.map((reference) => imagePlace(reference, mirror));
  const inside = places.map(({ reference }) => reference);
  return {
    from: 'registry',
    artifact: { kind: 'images', name, version, arch, file: `images/${name}.tar`, images: inside },
    arch,
    images: places,
  };
}

const tagOf = (image: string): string => image.slice(image.lastIndexOf(':') + 1);

/** Kubernetes manifests as one file. */
export const joinManifests = (texts: readonly string[]): string =>
  `${texts.map((text) => text.replace(/^---\n/, '').trimEnd()).join('\n---\n')}\n`;
