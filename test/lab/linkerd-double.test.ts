import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bundleManifestSchema } from '../../src/domain/artifacts/bundle-manifest.js';
import { parseRender } from '../../src/domain/linkerd/render.js';
import { linkerdIn } from '../../src/lab/link.js';
import { MESH_DOUBLE_VERSION, meshBundle } from '../doubles/linkerd/bundle.js';
import { sha256Of } from '../support/servers/release-server.js';

const BUILD_MS = 5 * 60_000;
const k3s = { kind: 'k3s', name: 'k3s', version: 'v1', arch: 'amd64', file: 'k3s', sha256: sha256Of('k3s'), size: 3 };

let folder: string;
let bundle: string;
let again: string;
const linkerd = (...parameters: string[]) => spawnSync(join(bundle, 'cli/linkerd'), parameters, { encoding: 'utf8' });
const offline = ['--ignore-cluster', '-o', 'json'];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'leafspan-mesh-'));
  const plain = join(folder, 'plain');
  mkdirSync(plain);
  writeFileSync(join(plain, 'k3s'), 'k3s');
  const manifest = { apiVersion: 'leafspan/bundle/v1', name: 'lab', artifacts: [k3s] };
  writeFileSync(join(plain, 'manifest.json'), JSON.stringify(manifest));
  [bundle, again] = await Promise.all([meshBundle(plain, folder), meshBundle(plain, folder)]);
}, BUILD_MS);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('a bundle with the doubles has all of the one it was made from, a mesh and an edge', () => {
  const manifest = bundleManifestSchema.parse(JSON.parse(readFileSync(join(bundle, 'manifest.json'), 'utf8')));
  expect(manifest.artifacts.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'k3s k3s',
    'images linkerd',
    'cli linkerd',
    'images nginx-ingress',
    'manifests nginx-ingress-crds',
  ]);
  expect(linkerdIn(manifest)).toBe(MESH_DOUBLE_VERSION);
  expect(manifest.artifacts.map(({ file }) => sha256Of(readFileSync(join(bundle, file))))).toEqual(
    manifest.artifacts.map(({ sha256 }) => sha256),
  );
});

test('asked twice at once, it is built once', () => {
  expect(again).toBe(bundle);
});

test('the command says its version, and renders objects that carry the double’s mark', () => {
  expect(linkerd('version', '--client', '--short').stdout.trim()).toBe(MESH_DOUBLE_VERSION);
  const crds = parseRender(linkerd('install', '--crds', ...offline).stdout);
  const marks = crds.map(({ metadata }) => metadata.annotations?.['linkerd.io/created-by']);
  expect([crds.length, new Set(marks)]).toEqual([10, new Set([`linkerd/cli ${MESH_DOUBLE_VERSION} (double)`])]);
});

test.each([
  ['an unknown verb', ['multicluster', 'link-gen'], 'unknown command'],
  ['an unknown flag', ['version', '--bogus'], 'unknown flag: --bogus'],
  ['an unknown value', ['install', ...offline, '--set', 'bogus=1'], 'does not know --set bogus=1'],
  [
    'a file of values that is not there',
    ['multicluster', 'install', ...offline, '--values', '/nowhere'],
    'no such file',
  ],
  ['an install without certificates', ['install', ...offline], 'all three'],
])('the command refuses %s', (_, parameters, words) => {
  const { status, stdout, stderr } = linkerd(...parameters);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain(words);
  expect(stderr).toMatch(/usage/i);
});
