import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryBundles } from '../../src/adapters/bundle/directory-bundles.js';
import { failureOf } from '../support/errors.js';

const { signal } = new AbortController();
const CONTENT: Readonly<Record<string, string>> = { 'k3s/k3s': 'the executable', 'k3s/install.sh': '#!/bin/sh\n' };

let root: string;
let folder: string;
let cache: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leafspan-bundle-'));
  folder = join(root, 'bundle');
  cache = join(root, 'cache');
  mkdirSync(join(folder, 'k3s'), { recursive: true });
  for (const [file, content] of Object.entries(CONTENT)) writeFileSync(join(folder, file), content);
  writeManifest(manifest());
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const artifact = (kind: string, file: string): Record<string, unknown> => ({
  kind,
  name: 'k3s',
  version: 'v1.36.3+k3s1',
  arch: 'amd64',
  file,
  sha256: createHash('sha256')
    .update(CONTENT[file] ?? '')
    .digest('hex'),
  size: (CONTENT[file] ?? '').length,
});

const manifest = (): { artifacts: Record<string, unknown>[] } & Record<string, unknown> => ({
  apiVersion: 'leafspan/bundle/v1',
  name: 'test',
  artifacts: [artifact('k3s', 'k3s/k3s'), artifact('k3s-install', 'k3s/install.sh')],
});

const writeManifest = (content: unknown): void =>
  writeFileSync(join(folder, 'manifest.json'), typeof content === 'string' ? content : JSON.stringify(content));

const bundles = (): DirectoryBundles => new DirectoryBundles(cache);

test('a whole bundle is verified', async () => {
  expect(await bundles().verify(folder, signal)).toEqual(manifest());
});

test('a missing directory is named', async () => {
  const error = await failureOf(bundles().manifest(join(root, 'nowhere')));
  expect(error).toMatchObject({ code: 'BUNDLE_INVALID', message: `${root}/nowhere is not a directory` });
  expect(error.hint).toContain('artifacts.bundle');
});

test('a manifest that is not there is named', async () => {
  rmSync(join(folder, 'manifest.json'));
  expect((await failureOf(bundles().manifest(folder))).message).toBe(`${folder}/manifest.json does not exist`);
});

test('a manifest that is no JSON is named', async () => {
  writeManifest('{');
  expect((await failureOf(bundles().manifest(folder))).message).toContain(`${folder}/manifest.json is not valid JSON`);
});

test.each<[what: string, make: (path: string) => void, said: string]>([
  ['has no end', (path) => symlinkSync('/dev/zero', path), 'is not a file'],
  ['is too large', (path) => writeFileSync(path, Buffer.alloc(4 * 1024 * 1024 + 1)), 'is larger than 4 MB'],
])('a manifest that %s is not read', async (_what, make, said) => {
  rmSync(join(folder, 'manifest.json'));
  make(join(folder, 'manifest.json'));
  expect((await failureOf(bundles().manifest(folder))).message).toBe(`${folder}/manifest.json ${said}`);
});

test('every problem of the manifest is told, with its path', async () => {
  const broken = manifest();
  Object.assign(broken.artifacts[0] ?? {}, { sha256: 'ABC', size: 0 });
  Object.assign(broken.artifacts[1] ?? {}, { file: '../../etc/passwd' });
  writeManifest({ ...broken, apiVersion: 'v9' });
  const { message } = await failureOf(bundles().verify(folder, signal));
  expect(message.split('\n')).toHaveLength(4);
  for (const path of ['apiVersion', 'artifacts[0].sha256', 'artifacts[0].size', 'artifacts[1].file'])
    expect(message).toContain(`manifest.json: ${path}: `);
});

test.each([
  ['name', '../../etc/x'],
  ['name', 'tool\n/etc/passwd'],
  ['name', "x';reboot;'"],
  ['name', 'k3s'],
  ['version', "1'"],
  ['file', 'k3s/a\nb'],
  ['file', "k3s/'x"],
])('a tool whose %s is %j is refused', async (field, value) => {
  const broken = manifest();
  broken.artifacts.push({ ...artifact('cli', 'k3s/k3s'), name: 'helm', [field]: value });
  writeManifest(broken);
  expect((await failureOf(bundles().manifest(folder))).message).toContain(`manifest.json: artifacts[2].${field}: `);
});

test('a file that is a link out of the bundle is never sent', async () => {
  const identity = join(root, 'identity.age-key');
  writeFileSync(identity, 'the executable');
  rmSync(join(folder, 'k3s/k3s'));
  symlinkSync(identity, join(folder, 'k3s/k3s'));
  expect((await failureOf(bundles().verify(folder, signal))).message).toBe('k3s/k3s is a link out of the bundle');
  const [first] = (await bundles().manifest(folder)).artifacts;
  const escaping = first === undefined ? undefined : bundles().locate(folder, first);
  expect(await failureOf(escaping ?? Promise.resolve())).toMatchObject({ code: 'BUNDLE_INVALID' });
});

test('a link within the bundle, and to the bundle, is as good as a file', async () => {
  symlinkSync('k3s', join(folder, 'k3s/other'));
  symlinkSync(folder, join(root, 'latest'));
  const linked = { ...manifest(), artifacts: [{ ...artifact('k3s', 'k3s/k3s'), file: 'k3s/other' }] };
  writeManifest(linked);
  expect(await bundles().verify(join(root, 'latest'), signal)).toEqual(linked);
});

test('every problem of the files is told', async () => {
  writeFileSync(join(folder, 'k3s/k3s'), 'THE EXECUTABLE');
  rmSync(join(folder, 'k3s/install.sh'));
  const { message } = await failureOf(bundles().verify(folder, signal));
  expect(message).toMatch(/^k3s\/k3s has SHA-256 \w{64} instead of \w{64}\nk3s\/install\.sh does not exist$/);
});

test('problems of the manifest do not hide those of the files', async () => {
  const broken = manifest();
  Object.assign(broken.artifacts[0] ?? {}, { colour: 'red' });
  writeManifest(broken);
  writeFileSync(join(folder, 'k3s/install.sh'), '#!/bin/SH\n');
  const { manifest: none, problems } = await bundles().inspect(folder, signal);
  expect(none).toBeUndefined();
  expect(problems.map((problem) => problem.replace(folder, '').replaceAll(/[0-9a-f]{64}/g, '…'))).toEqual([
    '/manifest.json: artifacts[0]: unrecognized key: "colour"',
    'k3s/install.sh has SHA-256 … instead of …',
  ]);
});

test('a file of the wrong size is told', async () => {
  writeFileSync(join(folder, 'k3s/k3s'), 'longer than before');
  expect((await failureOf(bundles().verify(folder, signal))).message).toBe('k3s/k3s has 18 bytes instead of 14');
});

test('checksums are kept for the next process, and not for a file that changed', async () => {
  const path = join(folder, 'k3s/k3s');
  await bundles().verify(folder, signal);
  const kept = readFileSync(join(cache, 'bundle-checksums.json'), 'utf8');
  expect(Object.keys(JSON.parse(kept) as object)).toHaveLength(2);
  writeFileSync(path, 'THE EXECUTABLE');
  utimesSync(path, new Date(), new Date(statSync(path).mtimeMs + 5_000));
  expect((await failureOf(bundles().verify(folder, signal))).message).toContain('has SHA-256');
});

test('a damaged cache file costs time only', async () => {
  mkdirSync(cache);
  writeFileSync(join(cache, 'bundle-checksums.json'), 'nonsense');
  expect(await bundles().verify(folder, signal)).toEqual(manifest());
});

test('a file that looks as it did is not read again', async () => {
  const path = join(folder, 'k3s/k3s');
  const at = new Date('2026-01-01T00:00:00Z');
  utimesSync(path, at, at);
  await bundles().verify(folder, signal);
  writeFileSync(path, 'THE EXECUTABLE'); // as long as before
  utimesSync(path, at, at);
  expect(await bundles().verify(folder, signal)).toEqual(manifest());
});

test('verification can be cancelled', async () => {
  await expect(bundles().verify(folder, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
});
