import { expect, test } from '@jest/globals';
import {
  imageFiles,
  k3sFiles,
  k3sImageFiles,
  otherImageFiles,
  toolFiles,
} from '../../../src/domain/artifacts/placement.js';
import { k3sDownloads } from '../../../src/domain/artifacts/releases.js';
import { BUNDLE } from '../../support/bundle.js';
import type { Artifact, BundleManifest } from '../../../src/domain/artifacts/bundle-manifest.js';

const sha = (digit: string): string => digit.repeat(64);
const part = (fields: {
  kind: 'k3s' | 'k3s-install' | 'cli';
  name: string;
  arch?: Artifact['arch'];
  sha256?: string;
}): Artifact => ({
  version: 'v1.36.3+k3s1',
  arch: 'amd64',
  file: `files/${fields.name}`,
  sha256: sha('a'),
  size: 1,
  ...fields,
});
const manifest: BundleManifest = {
  apiVersion: 'leafspan/bundle/v1',
  name: 'test',
  artifacts: [
    part({ kind: 'k3s', name: 'k3s' }),
    part({ kind: 'k3s', name: 'k3s-arm64', arch: 'arm64', sha256: sha('b') }),
    part({ kind: 'k3s-install', name: 'install.sh', arch: 'any' }),
    part({ kind: 'cli', name: 'helm' }),
    part({ kind: 'cli', name: 'kubectl' }),
    { ...part({ kind: 'cli', name: 'x' }), kind: 'images', file: 'images/nats.tar.zst', images: ['nats:1'] },
  ],
};

test('picks the files of the architecture and those of any', () => {
  expect(k3sFiles(manifest, 'arm64').map(({ artifact, path }) => [artifact.name, path])).toEqual([
    ['k3s-arm64', '/usr/local/bin/k3s'],
    ['install.sh', '/var/lib/leafspan/k3s-install.sh'],
  ]);
});

test('keeps the suffix of an image tarball, by which K3s tells its compression', () => {
  expect(imageFiles(manifest, 'amd64').map(({ path }) => path)).toEqual([
    '/var/lib/rancher/k3s/agent/images/nats.tar.zst',
  ]);
});

test("K3s's own images are told from all others", () => {
  expect(k3sImageFiles(BUNDLE, 'amd64').map(({ artifact }) => artifact.name)).toEqual(['k3s-images']);
  expect(otherImageFiles(BUNDLE, 'amd64', []).map(({ artifact }) => artifact.name)).toEqual([
    'nats',
    'nats-box',
    'linkerd',
  ]);
});

test('the image of NGINX is sent where a pod runs from it, and nowhere else', () => {
  const sent = (needed: string[]): string[] =>
    otherImageFiles(BUNDLE, 'amd64', needed).map(({ artifact }) => artifact.name);
  expect(sent(['nginx/nginx-ingress:5.5.4'])[0]).toBe('nginx-ingress');
  expect(sent(['nats:2.15.2-alpine'])).not.toContain('nginx-ingress');
});

test('images that are needed first come first, and those that nothing needs come last', () => {
  const needed = ['cr.l5d.io/linkerd/proxy:edge-26.8.3', 'natsio/nats-box:0.19.7'];
  expect(otherImageFiles(BUNDLE, 'amd64', needed).map(({ artifact }) => artifact.name)).toEqual([
    'linkerd',
    'nats-box',
    'nats',
  ]);
});

test('leaves kubectl to the link that K3s makes', () => {
  expect(toolFiles(manifest, 'amd64').map(({ artifact }) => artifact.name)).toEqual(['helm']);
});

test('escapes the plus sign of a release in every address, also on a mirror', () => {
  const urls = k3sDownloads('v1.36.3+k3s1', 'arm64', 'http://mirror.example/').map(({ url }) => url);
  expect(urls).toEqual([
    'http://mirror.example/k3s-io/k3s/releases/download/v1.36.3%2Bk3s1/k3s-arm64',
    'http://mirror.example/k3s-io/k3s/releases/download/v1.36.3%2Bk3s1/k3s-airgap-images-arm64.tar.zst',
    'http://mirror.example/k3s-io/k3s/v1.36.3%2Bk3s1/install.sh',
  ]);
});
