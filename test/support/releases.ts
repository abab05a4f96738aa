import { bundleParts, joinManifests, type BundlePart } from '../../src/domain/artifacts/bundle-contents.js';
import type { ArchivedProgram } from '../../src/domain/artifacts/tools.js';
import { tarGzOf, zipOf } from './archives.js';
import { sha256Of, type ReleaseServer } from './servers/release-server.js';

export const K3S = '/k3s-io/k3s/releases/download/v1.36.3+k3s1';
const SCRIPT = '/k3s-io/k3s/v1.36.3+k3s1/install.sh';
export const LINKERD = '/linkerd/linkerd2/releases/download/edge-26.8.3/linkerd2-cli-edge-26.8.3-linux-amd64';
export const binary = 'the K3s executable '.repeat(10_000);
const airgap = "K3s's images".repeat(1_000);
export const imageList = 'docker.io/rancher/mirrored-pause:3.6\ndocker.io/rancher/mirrored-coredns-coredns:1.14.2\n';
const crds: Readonly<Record<string, string>> = { '/crds/a.yaml': '---\nkind: A\n', '/crds/b.yaml': 'kind: B\n' };

/** Small files in the layout of the public release places. */
export function publishReleases(server: ReleaseServer): void {
  const assets = { k3s: binary, 'k3s-airgap-images-amd64.tar.zst': airgap, 'k3s-images.txt': imageList };
  for (const [name, content] of Object.entries(assets)) server.files.set(`${K3S}/${name}`, content);
  for (const [path, content] of Object.entries(crds)) server.files.set(path, content);
  server.files
    .set(`${K3S}/sha256sum-amd64.txt`, sumsOf(assets))
    .set(SCRIPT, '#!/bin/sh\n')
    .set(`${SCRIPT}.sha256sum`, sumsOf({ 'install.sh': '#!/bin/sh\n' }))
    .set(LINKERD, 'the linkerd CLI')
    .set(`${LINKERD}.sha256`, `${sha256Of('the linkerd CLI')}\n`);
  server.image('docker.io/library/nats', '2.15.2-alpine', ['alpine', 'nats-server']);
  server.image('docker.io/natsio/nats-box', '0.19.7', ['alpine', 'nats-box']);
  server.image('docker.io/nginx/nginx-ingress', '5.5.4', ['debian', 'nginx']);
  server.image('cr.l5d.io/linkerd/controller', 'edge-26.8.3', ['base', 'controller']);
  server.image('cr.l5d.io/linkerd/proxy', 'edge-26.8.3', ['base', 'proxy']);
  server.image('registry.k8s.io/pause', '3.2', ['pause']);
}

const sumsOf = (files: Readonly<Record<string, string>>): string =>
  Object.entries(files)
    .map(([name, content]) => `${sha256Of(content)}  ${name}\n`)
    .join('');

/** A small archive in the place of the pinned one. */
export function publishArchive<T extends ArchivedProgram>(server: ReleaseServer, program: T): T {
  const contents = { [program.member]: `the ${program.name} CLI`, LICENSE: 'some text' };
  const archive = program.format === 'zip' ? zipOf(contents) : tarGzOf(contents);
  server.files.set(decodeURIComponent(new URL(program.url).pathname), archive);
  return { ...program, sha256: sha256Of(archive) };
}

/** The parts of a bundle, with small CRDs and archives in the place of the pinned ones. */
export const publishedParts = (server: ReleaseServer, arch: 'amd64' | 'arm64'): BundlePart[] =>
  bundleParts({ arch, k3s: 'v1.36.3+k3s1', linkerd: 'edge-26.8.3', mirror: server.url }).map((part) =>
    part.from === 'pinned'
      ? {
          ...part,
          files: Object.entries(crds).map(([path, content]) => ({
            url: `${server.url}${path}`,
            sha256: sha256Of(content),
          })),
          sha256: sha256Of(joinManifests(Object.values(crds))),
        }
      : part.from === 'archive'
        ? { ...part, program: publishArchive(server, part.program) }
        : part,
  );
