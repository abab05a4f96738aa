import { expect, test } from '@jest/globals';
import { NGINX_INGRESS_CRDS_SHA256 } from '../../../src/domain/artifacts/components/nginx-ingress.js';
import { nginxIngressDownloads } from '../../../src/domain/artifacts/components/nginx-ingress-crds.js';
import { gatewayApiDownloads } from '../../../src/domain/artifacts/releases.js';
import {
  BUNDLE_DEFAULTS,
  bundleParts,
  joinManifests,
  NATS_BOX_IMAGE,
  NATS_IMAGE,
} from '../../../src/domain/artifacts/bundle-contents.js';
import { imagePlace } from '../../../src/domain/artifacts/image-place.js';
import type { Artifact, BundleManifest } from '../../../src/domain/artifacts/bundle-manifest.js';
import { archesOf, missingParts } from '../../../src/domain/artifacts/bundle-needs.js';
import { checksumIn } from '../../../src/domain/artifacts/sums.js';
import { twoClusters } from '../../support/topologies.js';

const hash = 'a'.repeat(64);
const other = 'b'.repeat(64);

test.each<[behaviour: string, text: string, sum: string | undefined]>([
  ['a line with the name', `${other}  k3s-images.txt\n${hash}  k3s\n`, hash],
  ['a line with the name behind a folder', `${hash} *dist/k3s\n`, hash],
  ['a hash alone', `${hash}\n`, hash],
  ['the hash of another name', `${hash}  k3s-arm64\n`, undefined],
  ['two hashes alone', `${hash}\n${other}\n`, undefined],
  ['a word with the name', 'nonsense  k3s\n', undefined],
  ['nothing', '', undefined],
])('of a list of checksums %s is read', (_behaviour, text, sum) => {
  expect(checksumIn(text, 'k3s')).toBe(sum);
});

test.each([
  ['nats:2.15.2-alpine', 'docker.io/library/nats:2.15.2-alpine', 'https://registry-1.docker.io/v2/library/nats'],
  ['natsio/nats-box:0.19.7', 'docker.io/natsio/nats-box:0.19.7', 'https://registry-1.docker.io/v2/natsio/nats-box'],
  ['cr.l5d.io/linkerd/proxy:edge-26.8.3', 'cr.l5d.io/linkerd/proxy:edge-26.8.3', 'https://cr.l5d.io/v2/linkerd/proxy'],
])('%s is found at its registry', (image, reference, endpoint) => {
  expect(imagePlace(image)).toEqual({ reference, endpoint, tag: image.split(':')[1] });
});

test('a mirror has the images of a registry below its name', () => {
  const { endpoint } = imagePlace('nats:2.15.2-alpine', 'https://mirror.example/public/');
  expect(endpoint).toBe('https://mirror.example/public/v2/docker.io/library/nats');
});

test('versions are those of a topology that says nothing else', () => {
  const { nats, k3s, linkerd } = twoClusters();
  expect(nats.images).toEqual({ server: NATS_IMAGE, box: NATS_BOX_IMAGE });
  expect({ k3s: k3s.version, linkerd: linkerd.version }).toEqual(BUNDLE_DEFAULTS);
});

test('the CRDs of the Gateway API come from their tag, each with a checksum of its own', () => {
  const files = gatewayApiDownloads();
  expect(files[2]?.url).toBe(
    'https://raw.githubusercontent.com/kubernetes-sigs/gateway-api/v1.5.1/config/crd/standard/gateway.networking.k8s.io_gateways.yaml',
  );
  expect(new Set(files.map(({ sha256 }) => sha256)).size).toBe(9);
  expect(gatewayApiDownloads('http://mirror.example/')[0]?.url).toMatch(
    /^http:\/\/mirror\.example\/kubernetes-sigs\/gateway-api\/v1\.5\.1\/config\/crd\/standard\//,
  );
});

test('what is built has all that NGINX as the edge needs', () => {
  expect(missingParts(whole('amd64'), 'amd64', 'nginx')).toEqual([]);
});

test('the CRDs of NGINX are those of the tag', () => {
  const [file, ...others] = nginxIngressDownloads('http://mirror.example/');
  expect(file?.url).toBe('http://mirror.example/nginx/kubernetes-ingress/v5.5.4/deploy/crds.yaml');
  expect(others).toEqual([]);
  expect(file?.sha256).toBe(NGINX_INGRESS_CRDS_SHA256);
});

test('manifests are joined with one mark between them', () => {
  expect(joinManifests(['---\nkind: A\n', 'kind: B\n\n'])).toBe('kind: A\n---\nkind: B\n');
});

const whole = (arch: 'amd64' | 'arm64'): BundleManifest => ({
  apiVersion: 'leafspan/bundle/v1',
  name: 'test',
  artifacts: bundleParts({ arch, ...BUNDLE_DEFAULTS }).map(({ artifact }): Artifact => {
    const file = { sha256: hash, size: 1 };
    if (artifact.kind !== 'images') return { ...artifact, ...file };
    const ofK3s = artifact.name === 'k3s-images' ? ['docker.io/rancher/mirrored-pause:3.6'] : [];
    return { ...artifact, ...file, images: [...artifact.images, ...ofK3s] };
  }),
});

const without = (manifest: BundleManifest, file: string): BundleManifest => ({
  ...manifest,
  artifacts: manifest.artifacts.filter((artifact) => artifact.file !== file),
});

test.each(['amd64', 'arm64'] as const)('what is built for %s has all that both link modes need', (arch) => {
  expect(archesOf(whole(arch))).toEqual([arch]);
  expect([missingParts(whole(arch), arch, 'direct'), missingParts(whole(arch), arch, 'mesh')]).toEqual([[], []]);
});

test.each<[file: string, direct: string[], mesh: string[]]>([
  ['install.sh', ['an artifact of kind "k3s-install"'], []],
  ['images/nats.tar', ['image docker.io/library/nats:2.15.2-alpine'], []],
  ['images/k3s-airgap-images-amd64.tar.zst', ["K3s's own images"], []],
  ['gateway-api.yaml', [], ['an artifact of kind "manifests" with the name "gateway-api"']],
  ['cli/linkerd', [], ['an artifact of kind "cli" with the name "linkerd"']],
  [
    'images/linkerd.tar',
    [],
    [
      'image cr.l5d.io/linkerd/controller:edge-26.8.3',
      'image cr.l5d.io/linkerd/proxy:edge-26.8.3',
      'image registry.k8s.io/pause:3.2',
    ],
  ],
])('without %s a bundle lacks it for the link modes that need it', (file, direct, mesh) => {
  const manifest = without(whole('amd64'), file);
  expect(missingParts(manifest, 'amd64', 'direct')).toEqual(direct);
  expect(missingParts(manifest, 'amd64', 'mesh')).toEqual([...direct, ...mesh]);
});
