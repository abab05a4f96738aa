import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { bundleManifestSchema } from '../../../src/domain/artifacts/bundle-manifest.js';
import { writeBundle } from '../../../src/lab/bundle/artifacts.js';
import { fillAside, PartStore } from '../../../src/lab/bundle/part-store.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leafspan-bundle-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const makeFolder = (path: string): void => {
  mkdirSync(path, { recursive: true });
};

test('a bundle’s manifest has size and checksum of the files that lie there', () => {
  const parts = join(folder, 'parts');
  const bundle = join(folder, 'bundle');
  makeFolder(parts);
  for (const name of [
    'k3s',
    'kubectl',
    'helm',
    'nats',
    'linkerd',
    'step',
    'install.sh',
    'gateway-api.yaml',
    'k3s-images.tar',
    'nats.tar',
    'nats-box.tar',
  ])
    writeFileSync(join(parts, name), 'abc');
  const folders = { kubernetes: parts, addons: parts, nats: parts, gatewayApi: parts, images: parts };
  writeBundle(bundle, folders, { installScript: join(parts, 'install.sh'), doubles: parts }, makeFolder);
  const manifest = bundleManifestSchema.parse(JSON.parse(readFileSync(join(bundle, 'manifest.json'), 'utf8')));
  expect(manifest.artifacts.filter(({ file }) => !existsSync(join(bundle, file)))).toEqual([]);
  expect(new Set(manifest.artifacts.map(({ sha256, size }) => `${size} ${sha256}`))).toEqual(
    new Set(['3 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad']),
  );
  expect(manifest.artifacts.find(({ name }) => name === 'nats-box')).toMatchObject({
    images: ['docker.io/natsio/nats-box:0.19.7'],
  });
});

test('a build that fails leaves nothing under the final name', async () => {
  const final = join(folder, 'part');
  await expect(fillAside(final, () => Promise.reject(new Error('no Go')))).rejects.toThrow('no Go');
  expect(existsSync(final)).toBe(false);
});

test('a part that is there is not built again, and leftovers of a killed build go', async () => {
  const part = { name: 'nats', key: 'k1', title: 'building', estimate: 'a moment' } as const;
  const store = new PartStore(folder, () => undefined);
  makeFolder(join(folder, 'nats-k1.partial-99999'));
  await store.ensure(part, (path) => Promise.resolve(writeFileSync(join(path, 'file'), '')));
  await store.ensure(part, () => Promise.reject(new Error('built twice')));
  store.keepOnly([part]);
  expect(existsSync(join(folder, 'nats-k1', 'file'))).toBe(true);
  expect(existsSync(join(folder, 'nats-k1.partial-99999'))).toBe(false);
});
