import type { Artifact, BundleManifest } from '../../src/domain/artifacts/bundle-manifest.js';
import { linkerdImages } from '../../src/domain/artifacts/components/linkerd-images.js';
import { sha256Of } from './servers/release-server.js';

const fieldsOf = (name: string, version: string, file: string) => ({
  name,
  version,
  arch: 'amd64' as const,
  file,
  sha256: sha256Of(file),
  size: 1,
});

const images = (name: string, version: string, inside: string[]): Artifact => ({
  kind: 'images',
  ...fieldsOf(name, version, `images/${name}.tar`),
  images: inside,
});

/** A whole bundle as `bundle build` lays it out, with the tool helm. The content of each file is its own name. */
export const BUNDLE: BundleManifest = {
  apiVersion: 'leafspan/bundle/v1',
  name: 'whole',
  artifacts: [
    { kind: 'k3s-install', ...fieldsOf('k3s-install', 'v1.36.3+k3s1', 'install.sh'), arch: 'any' },
    { kind: 'manifests', ...fieldsOf('gateway-api', 'v1.5.1', 'gateway-api.yaml'), arch: 'any' },
    { kind: 'manifests', ...fieldsOf('nginx-ingress-crds', 'v5.5.4', 'nginx-ingress-crds.yaml'), arch: 'any' },
    images('nginx-ingress', '5.5.4', ['docker.io/nginx/nginx-ingress:5.5.4']),
    images('nats', '2.15.2', ['docker.io/library/nats:2.15.2-alpine']),
    images('nats-box', '0.19.7', ['docker.io/natsio/nats-box:0.19.7']),
    { kind: 'k3s', ...fieldsOf('k3s', 'v1.36.3+k3s1', 'k3s') },
    { kind: 'cli', ...fieldsOf('linkerd', 'edge-26.8.3', 'cli/linkerd') },
    { kind: 'cli', ...fieldsOf('helm', 'v3.20.0', 'cli/helm') },
    images('linkerd', 'edge-26.8.3', linkerdImages('edge-26.8.3')),
    images('k3s-images', 'v1.36.3+k3s1', ['docker.io/rancher/mirrored-pause:3.6', 'rancher/mirrored-coredns:1.14']),
  ],
};

export const BUNDLE_SOURCE = { from: 'bundle', folder: '/bundle' } as const;
