import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { DirectoryBundles } from '../../src/adapters/bundle/directory-bundles.js';
import { buildBundle, type BuildOptions, type BuildProgress } from '../../src/adapters/releases/bundle-builder.js';
import { cameFromArchive } from '../../src/adapters/releases/unpacked.js';
import type { BundlePart } from '../../src/domain/artifacts/bundle-contents.js';
import type { BundleManifest } from '../../src/domain/artifacts/bundle-manifest.js';
import { failureOf } from '../support/errors.js';
import { ReleaseServer, sha256Of } from '../support/servers/release-server.js';
import { binary, imageList, K3S, LINKERD, publishedParts, publishReleases } from '../support/releases.js';

const { signal } = new AbortController();
let root: string;
let folder: string;
let server: ReleaseServer;
let told: BuildProgress[];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'leafspan-build-'));
  folder = join(root, 'bundle');
  told = [];
  server = new ReleaseServer();
  await server.start();
  publishReleases(server);
});

afterEach(async () => {
  await server.stop();
  rmSync(root, { recursive: true, force: true });
});

const parts = (arch: 'amd64' | 'arm64' = 'amd64'): BundlePart[] => publishedParts(server, arch);

const build = (options: Partial<BuildOptions> = {}): Promise<BundleManifest> =>
  buildBundle({
    ...{ directory: folder, name: 'test', parts: options.parts ?? parts(), others: [], env: {}, signal, pauseMs: 1 },
    report: (progress) => told.push(progress),
    ...options,
  });

const verified = (): Promise<BundleManifest> => new DirectoryBundles(join(root, 'cache')).verify(folder, signal);
const contentOf = (file: string): string => readFileSync(join(folder, file), 'utf8');
const requestsFor = (path: string): string[] => server.asked.filter((line) => line.startsWith(path));
const ended = (state: 'fetched' | 'kept'): number =>
  told.filter((progress) => progress.artifact !== undefined && progress.state === state).length;

test('makes a bundle that holds, of everything that both link modes need', async () => {
  const manifest = await build();
  expect(await verified()).toEqual(manifest);
  expect(manifest.artifacts.map(({ kind, name, version }) => [kind, name, version])).toEqual([
    ['k3s-install', 'k3s-install', 'v1.36.3+k3s1'],
    ['manifests', 'gateway-api', 'v1.5.1'],
    ['manifests', 'nginx-ingress-crds', 'v5.5.4'],
    ['images', 'nats', '2.15.2'],
    ['images', 'nats-box', '0.19.7'],
    ['images', 'nginx-ingress', '5.5.4'],
    ['k3s', 'k3s', 'v1.36.3+k3s1'],
    ['cli', 'linkerd', 'edge-26.8.3'],
    ['cli', 'helm', 'v4.2.4'],
    ['cli', 'nats', 'v0.4.0'],
    ['cli', 'step', 'v0.30.6'],
    ['images', 'linkerd', 'edge-26.8.3'],
    ['images', 'k3s-images', 'v1.36.3+k3s1'],
  ]);
  expect([contentOf('k3s'), contentOf('gateway-api.yaml')]).toEqual([binary, 'kind: A\n---\nkind: B\n']);
  expect(statSync(join(folder, 'cli/linkerd')).mode & 0o777).toBe(0o755);
  expect(['helm', 'nats', 'step'].map((tool) => contentOf(`cli/${tool}`)).join()).toMatch(/^the helm .* step CLI$/);
  expect(['cli/helm', 'cli/linkerd'].map((file) => cameFromArchive(folder, file))).toEqual([true, false]);
  const names = '.unpacked.json cli gateway-api.yaml images install.sh k3s manifest.json nginx-ingress-crds.yaml';
  expect(readdirSync(folder).sort().join(' ')).toBe(names);
});

test("names the images that are in K3s's own tarball", async () => {
  const { artifacts } = await build();
  expect(artifacts.find(({ name }) => name === 'k3s-images')).toMatchObject({ images: imageList.trim().split('\n') });
});

test('packs images as docker save does, equal layers once', async () => {
  await build();
  const unpacked = join(root, 'unpacked');
  mkdirSync(unpacked);
  execFileSync('tar', ['-xf', join(folder, 'images/linkerd.tar'), '-C', unpacked]);
  const json = (file: string): unknown => JSON.parse(readFileSync(join(unpacked, file), 'utf8'));
  expect(json('oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
  expect(json('index.json')).toMatchObject({
    manifests: [
      { annotations: { 'io.containerd.image.name': 'cr.l5d.io/linkerd/controller:edge-26.8.3' } },
      { annotations: { 'io.containerd.image.name': 'cr.l5d.io/linkerd/proxy:edge-26.8.3' } },
      { annotations: { 'io.containerd.image.name': 'registry.k8s.io/pause:3.2' } },
    ],
  });
  expect(json('manifest.json')).toMatchObject([
    { RepoTags: ['cr.l5d.io/linkerd/controller:edge-26.8.3'], Layers: [layer('base'), layer('controller')] },
    { RepoTags: ['cr.l5d.io/linkerd/proxy:edge-26.8.3'], Layers: [layer('base'), layer('proxy')] },
    { RepoTags: ['registry.k8s.io/pause:3.2'], Layers: [layer('pause')] },
  ]);
  expect(readFileSync(join(unpacked, layer('proxy')), 'utf8')).toBe('proxy');
  expect(readdirSync(join(unpacked, 'blobs/sha256'))).toHaveLength(4 + 3 + 1); // layers, manifests, one config
});

const layer = (content: string): string => `blobs/sha256/${sha256Of(content)}`;

test('the second time keeps everything and fetches no file', async () => {
  const first = await build();
  server.asked.length = 0;
  told.length = 0;
  expect(await build()).toEqual(first);
  expect([ended('kept'), ended('fetched')]).toEqual([13, 0]);
  expect(requestsFor(`${K3S}/k3s`)).toEqual([`${K3S}/k3s-images.txt`]);
  expect(server.asked.filter((line) => line.includes(sha256Of('nats-server')))).toEqual([]);
});

test.each([
  ['a file that was damaged', 'k3s'],
  ['an image tarball that was damaged', 'images/nats.tar'],
  ['a program of an archive that was damaged', 'cli/step'],
])('fetches %s anew, and that alone', async (_behaviour, file) => {
  const first = await build();
  told.length = 0;
  const damaged = readFileSync(join(folder, file));
  damaged[Math.max(0, damaged.length - 3_000)] = 7;
  writeFileSync(join(folder, file), damaged);
  expect(await build()).toEqual(first);
  expect([ended('kept'), ended('fetched')]).toEqual([12, 1]);
  expect(await verified()).toEqual(first);
});

test('goes on where a broken connection has left off', async () => {
  server.breaks.set(`${K3S}/k3s`, 2);
  await build();
  const [whole, half, quarter] = requestsFor(`${K3S}/k3s`).filter((line) => !line.includes('images'));
  expect([whole, half, quarter]).toEqual([`${K3S}/k3s`, `${K3S}/k3s bytes=95000-`, `${K3S}/k3s bytes=142500-`]);
  expect(contentOf('k3s')).toBe(binary);
});

test('goes on with what a build that was stopped has left', async () => {
  const stop = new AbortController();
  server.breaks.set(`${K3S}/k3s`, 1);
  const report = ({ received }: BuildProgress): void =>
    received === 95_000 ? stop.abort(new Error('stopped')) : undefined;
  await expect(build({ signal: stop.signal, report })).rejects.toThrow('stopped');
  expect(existsSync(join(folder, 'manifest.json'))).toBe(false);
  expect(existsSync(join(folder, 'k3s'))).toBe(false);
  server.asked.length = 0;
  await build();
  expect(requestsFor(`${K3S}/k3s `)).toEqual([expect.stringMatching(/ bytes=[1-9]\d*-$/)]);
  expect([ended('kept'), ended('fetched')]).toEqual([6, 7]);
  expect(contentOf('k3s')).toBe(binary);
});

test('begins anew where the server knows no ranges', async () => {
  server.plain = true;
  server.breaks.set(`${K3S}/k3s`, 1);
  await build();
  expect(contentOf('k3s')).toBe(binary);
});

test('what is left of another file is not taken for the beginning', async () => {
  mkdirSync(join(folder, '.unfinished'), { recursive: true });
  writeFileSync(join(folder, '.unfinished', sha256Of(binary)), 'something else');
  await build();
  expect(contentOf('k3s')).toBe(binary);
});

test.each<[behaviour: string, path: string, content: string, message: RegExp]>([
  ['a file', `${K3S}/k3s`, 'damaged', /\/k3s has SHA-256 \w{64} instead of \w{64}$/],
  ['a layer', `/v2/docker.io/library/nats/blobs/sha256:${sha256Of('nats-server')}`, 'damaged', /has SHA-256/],
  ['a list of checksums', `${LINKERD}.sha256`, 'nonsense', /amd64\.sha256 has no checksum of linkerd2-cli-edge/],
  [
    'a manifest',
    '/v2/docker.io/library/nats/manifests/2.15.2-alpine',
    '<html>',
    /2\.15\.2-alpine is not what a registry returns there$/,
  ],
  ['a list of checksums', `${K3S}/sha256sum-amd64.txt`, 'a'.repeat(8 << 20), /amd64\.txt is longer than 4 MB$/],
  [
    'a manifest without layers',
    '/v2/docker.io/library/nats/manifests/2.15.2-alpine',
    '{}',
    /2\.15\.2-alpine is not what a registry returns there$/,
  ],
])('%s that is not what it must be is told and not used', async (_behaviour, path, content, message) => {
  server.files.set(path, content);
  const error = await failureOf(build());
  expect(error).toMatchObject({ code: 'ARTIFACT_CORRUPT' });
  expect(error.message).toMatch(message);
  expect(existsSync(join(folder, 'manifest.json'))).toBe(false);
});

test('all that the release places do not have is told at once, before anything large is fetched', async () => {
  server.files.delete(`${LINKERD}.sha256`);
  server.files.delete(`${K3S}/sha256sum-amd64.txt`);
  server.files.delete('/v2/registry.k8s.io/pause/manifests/3.2');
  const error = await failureOf(build());
  expect(error.code).toBe('DOWNLOAD_FAILED');
  expect(error.message.replaceAll(server.url, '').split('\n')).toEqual([
    `${encodeURI(K3S).replaceAll('+', '%2B')}/sha256sum-amd64.txt cannot be fetched: HTTP 404`,
    `${LINKERD}.sha256 cannot be fetched: HTTP 404`,
    '/v2/registry.k8s.io/pause/manifests/3.2 cannot be fetched: HTTP 404',
  ]);
  expect(existsSync(join(folder, 'install.sh'))).toBe(false);
});

test('a server that does not answer is tried again, then named', async () => {
  const [first] = parts();
  await server.stop();
  const error = await failureOf(build({ parts: [first].filter((part) => part !== undefined) }));
  expect(error).toMatchObject({ code: 'DOWNLOAD_FAILED' });
  expect(error.message).toMatch(/install\.sh\.sha256sum cannot be fetched: ECONNREFUSED$/);
});

test('takes the image of the architecture, and says when there is none', async () => {
  server.files.set(
    '/v2/registry.k8s.io/pause/manifests/3.2',
    JSON.stringify({ mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json', manifests: [] }),
  );
  const nats = parts('arm64').filter(({ artifact }) => artifact.name === 'nats');
  await build({ parts: nats });
  expect(contentOf('images/nats.tar')).toContain('"architecture":"arm64"');
  const linkerd = parts('arm64').filter(({ artifact }) => artifact.name === 'linkerd' && artifact.kind === 'images');
  expect((await failureOf(build({ parts: linkerd }))).message).toContain('registry.k8s.io/pause:3.2 is not for arm64');
});

test('a registry that sends on to another one is followed there, with the token of that one', async () => {
  const behind = new ReleaseServer();
  await behind.start();
  behind.image('cr.l5d.io/linkerd/proxy', 'edge-26.8.3', ['base', 'proxy']);
  server.movedTo.set('/v2/cr.l5d.io/linkerd/proxy/', behind.url);
  const manifest = await build().finally(() => behind.stop());
  expect(await verified()).toEqual(manifest);
  expect(behind.asked.filter((line) => line.startsWith('/token'))).toHaveLength(1);
});

test('a folder that cannot be written is told', async () => {
  writeFileSync(folder, 'a file');
  expect(await failureOf(build())).toMatchObject({ code: 'USAGE', message: expect.stringContaining(folder) });
});

test('keeps in the manifest what was there besides', async () => {
  const stern = { kind: 'cli', name: 'stern', version: 'v1.34.0', arch: 'amd64', file: 'cli/stern' } as const;
  mkdirSync(join(folder, 'cli'), { recursive: true });
  writeFileSync(join(folder, 'cli/stern'), 'stern');
  const manifest = await build({ others: [{ ...stern, sha256: sha256Of('stern'), size: 5 }] });
  expect(manifest.artifacts.at(-1)).toMatchObject(stern);
  expect(await verified()).toEqual(manifest);
});
