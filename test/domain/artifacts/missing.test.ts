import { expect, test } from '@jest/globals';
import type { Artifact } from '../../../src/domain/artifacts/bundle-manifest.js';
import { linkerdImages } from '../../../src/domain/artifacts/components/linkerd-images.js';
import { missingParts, wantedParts, type WantedParts } from '../../../src/domain/artifacts/missing.js';
import { BUNDLE } from '../../support/bundle.js';
import { nginxEdge, twoClusters } from '../../support/topologies.js';

const { k3s, linkerd, nats } = twoClusters();
const direct: WantedParts = { k3s: k3s.version, images: [nats.images.server, nats.images.box] };
const mesh: WantedParts = {
  k3s: k3s.version,
  images: [...direct.images, ...linkerdImages(linkerd.version)],
  linkerd: linkerd.version,
};
const RETIRED: Artifact = {
  ...{ kind: 'images', name: 'ingress-nginx', version: 'v1.14.0', arch: 'amd64', file: 'x.tar', size: 1 },
  ...{ sha256: 'a'.repeat(64), images: ['registry.k8s.io/ingress-nginx/controller:v1.14.0'] },
};
const without = (...names: string[]): Artifact[] => BUNDLE.artifacts.filter(({ name }) => !names.includes(name));

test.each<[what: string, artifacts: Artifact[], wanted: WantedParts, missing: string[]]>([
  ['nothing in a whole bundle', BUNDLE.artifacts, mesh, []],
  ['nothing of Linkerd when no pod is Linkerd’s', without('linkerd', 'gateway-api'), direct, []],
  [
    'the releases that are there instead',
    BUNDLE.artifacts,
    { ...direct, k3s: 'v1.35.0+k3s1', linkerd: 'edge-26.1.1' },
    [
      'it has K3s v1.36.3+k3s1, and the topology asks for k3s.version v1.35.0+k3s1',
      'it has linkerd edge-26.8.3, and the topology asks for linkerd.version edge-26.1.1',
    ],
  ],
  [
    'an image that a topology names by itself',
    BUNDLE.artifacts,
    { ...direct, images: ['nats:2.12.0', 'registry.example.org/nats-box:1'] },
    ['it has no image nats:2.12.0', 'it has no image registry.example.org/nats-box:1'],
  ],
  [
    'the CRDs of an edge, and has a retired controller',
    [...without('nginx-ingress-crds'), { ...RETIRED }],
    { ...direct, nginx: true },
    [
      'it has no artifact of kind "manifests" named "nginx-ingress-crds"',
      "it has registry.k8s.io/ingress-nginx/controller:v1.14.0, the community's controller, which is retired; edge nginx is F5's",
    ],
  ],
  [
    'everything at once',
    without('k3s', 'k3s-install', 'nats', 'linkerd', 'gateway-api'),
    mesh,
    [
      'it has no artifact of kind "k3s"',
      'it has no artifact of kind "k3s-install"',
      ...[nats.images.server, ...linkerdImages(linkerd.version)].map((image) => `it has no image ${image}`),
      'it has no artifact of kind "cli" named "linkerd"',
      'it has no artifact of kind "manifests" named "gateway-api"',
    ],
  ],
])('a bundle is missing %s', (_what, artifacts, wanted, missing) => {
  expect(missingParts({ ...BUNDLE, artifacts }, wanted)).toEqual(missing);
});

test('Linkerd is wanted when a pod runs from one of its images', () => {
  expect(wantedParts(twoClusters(), mesh.images)).toEqual(mesh);
  expect(wantedParts(twoClusters(), direct.images)).toEqual(direct);
});

test('the CRDs of NGINX are wanted with that edge only', () => {
  expect(wantedParts(twoClusters(nginxEdge()), direct.images)).toEqual({ ...direct, nginx: true });
});
