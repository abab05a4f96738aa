import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { natsImages, type ImageBinaries } from '../../../../src/lab/bundle/images/contents.js';
import { writeTarball } from '../../../../src/lab/bundle/images/tarball.js';

const binaries: ImageBinaries = {
  pause: Buffer.from('pause'),
  coredns: Buffer.from('coredns'),
  natsServer: Buffer.from('#!/bin/sh\necho server\n'),
  natsCli: Buffer.from('cli'),
  busybox: Buffer.from('busybox'),
  applets: ['busybox', 'sh', 'sleep'],
  certificates: Buffer.from('certificates'),
};

const folder = mkdtempSync(join(tmpdir(), 'leafspan-image-'));
const tarball = join(folder, 'image.tar');

beforeAll(async () => {
  await writeTarball(tarball, natsImages(binaries));
  execFileSync('tar', ['-xf', tarball], { cwd: folder });
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Blob {
  digest: string;
}
interface Index {
  manifests: [Blob & { annotations: Record<string, string> }];
}
interface Manifest {
  config: Blob;
  layers: [Blob];
}

const blobFile = ({ digest }: Blob): string => join(folder, 'blobs', digest.replace(':', '/'));
const index = (): Index => JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as Index;
const manifest = (): Manifest => JSON.parse(readFileSync(blobFile(index().manifests[0]), 'utf8')) as Manifest;

test('has the same bytes each time', async () => {
  const second = join(folder, 'second.tar');
  await writeTarball(second, natsImages(binaries));
  expect(readFileSync(second).equals(readFileSync(tarball))).toBe(true);
});

test('names its image as containerd knows it', () => {
  expect(index().manifests[0].annotations).toEqual({
    'io.containerd.image.name': 'docker.io/library/nats:2.15.2-alpine',
    'org.opencontainers.image.ref.name': '2.15.2-alpine',
  });
});

test('the manifest leads to the configuration and the layer, each under its own hash', () => {
  const { config, layers } = manifest();
  const hashes = [config, ...layers].map((blob) =>
    createHash('sha256')
      .update(readFileSync(blobFile(blob)))
      .digest('hex'),
  );
  expect(hashes.map((hash) => `sha256:${hash}`)).toEqual([config.digest, layers[0].digest]);
  expect(JSON.parse(readFileSync(blobFile(config), 'utf8'))).toMatchObject({
    rootfs: { type: 'layers', diff_ids: [layers[0].digest] },
    config: { Entrypoint: ['docker-entrypoint.sh'] },
  });
});

test('the layer is what tar understands: modes, links, no time', () => {
  const listed = execFileSync('tar', ['--utc', '-tvf', blobFile(manifest().layers[0])], { encoding: 'utf8' });
  expect(listed).toMatch(/^drwxrwxrwt 0\/0 +0 1970-01-01 00:00 tmp\/$/m);
  expect(listed).toMatch(/^-rwxr-xr-x 0\/0 +22 1970-01-01 00:00 usr\/local\/bin\/nats-server$/m);
  expect(listed).toMatch(/^lrwxrwxrwx .* bin\/sh -> \/bin\/busybox$/m);
  expect(listed).not.toMatch(/bin\/busybox -> /);
});

test('the layer has each folder before what is in it', () => {
  const names = execFileSync('tar', ['-tf', blobFile(manifest().layers[0])], { encoding: 'utf8' })
    .trim()
    .split('\n');
  const orphans = names.filter((name, at) => {
    const parent = name.replace(/[^/]+\/?$/, '');
    return parent !== '' && !names.slice(0, at).includes(parent);
  });
  expect(orphans).toEqual([]);
});
