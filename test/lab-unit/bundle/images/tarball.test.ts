import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { natsImages, type ImageBinaries } from '../../../../src/lab/bundle/images/contents.js';
import { imageTarballPieces } from '../../../../src/lab/bundle/images/tarball.js';
import { tarPieces } from '../../../../src/lab/bundle/images/tar-archive.js';

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
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const tarball = (): Buffer => Buffer.concat(imageTarballPieces(natsImages(binaries)));

const unpackedLayer = (): { config: Record<string, unknown>; reference: string; layer: string; layerHash: string } => {
  writeFileSync(join(folder, 'image.tar'), tarball());
  execFileSync('tar', ['-xf', 'image.tar'], { cwd: folder });
  const [image] = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as [
    { Config: string; RepoTags: [string]; Layers: [string] },
  ];
  const layer = join(folder, image.Layers[0]);
  return {
    reference: image.RepoTags[0],
    config: JSON.parse(readFileSync(join(folder, image.Config), 'utf8')) as Record<string, unknown>,
    layer,
    layerHash: createHash('sha256').update(readFileSync(layer)).digest('hex'),
  };
};

describe('an image tarball', () => {
  test('has the same bytes each time', () => {
    expect(tarball().equals(tarball())).toBe(true);
  });

  test('names its image, and its layer by the layer’s own hash', () => {
    const image = unpackedLayer();
    expect(image.reference).toBe('docker.io/library/nats:2.15.2-alpine');
    expect(image.config['rootfs']).toEqual({ type: 'layers', diff_ids: [`sha256:${image.layerHash}`] });
  });

  test('holds what tar understands: modes, links, no time', () => {
    const listed = execFileSync('tar', ['--utc', '-tvf', unpackedLayer().layer], { encoding: 'utf8' });
    expect(listed).toMatch(/^drwxrwxrwt 0\/0 +0 1970-01-01 00:00 tmp\/$/m);
    expect(listed).toMatch(/^-rwxr-xr-x 0\/0 +22 1970-01-01 00:00 usr\/local\/bin\/nats-server$/m);
    expect(listed).toMatch(/^lrwxrwxrwx .* bin\/sh -> \/bin\/busybox$/m);
    expect(listed).not.toMatch(/bin\/busybox -> /);
  });

  test('has each folder before what is in it', () => {
    const names = execFileSync('tar', ['-tf', unpackedLayer().layer], { encoding: 'utf8' }).trim().split('\n');
    const orphans = names.filter((name, index) => {
      const parent = name.replace(/[^/]+\/?$/, '');
      return parent !== '' && !names.slice(0, index).includes(parent);
    });
    expect(orphans).toEqual([]);
  });

  test('refuses a name that its headers cannot hold', () => {
    expect(() => tarPieces([{ type: 'folder', name: 'x'.repeat(100) }])).toThrow('too long for a ustar header');
  });
});
