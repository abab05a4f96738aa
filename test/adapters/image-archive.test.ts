import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  holdsImages,
  OCI,
  writeImages,
  type Descriptor,
  type OciImage,
} from '../../src/adapters/releases/image-archive.js';

const folder = mkdtempSync(join(tmpdir(), 'leafspan-image-archive-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { signal } = new AbortController();
const file = join(folder, 'images.tar');
const LAYER = Buffer.alloc(3_000_001, 'layer');

const blob = (mediaType: string, bytes: Buffer): Descriptor & { bytes: Buffer } => ({
  ...{ mediaType, bytes, size: bytes.length },
  digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
});

const image = (tag: string): OciImage => {
  const { mediaType, digest, size } = blob(OCI.layer, LAYER);
  return {
    ...{ reference: `docker.io/library/nats:${tag}`, tag, layers: [{ mediaType, digest, size }] },
    config: blob(OCI.config, Buffer.from('{}')),
    manifest: blob(OCI.manifest, Buffer.from(`{"schemaVersion":2,"tag":"${tag}"}`)),
  };
};

const IMAGES = [image('1'), image('2')];
const write = (to = file, content = (): Iterable<Buffer> => [LAYER]): Promise<void> =>
  writeImages(to, IMAGES, content, signal);

beforeEach(() => write());

describe('writing', () => {
  test('the bytes depend only on the images', async () => {
    const second = join(folder, 'second.tar');
    await write(second);
    expect(readFileSync(second).equals(readFileSync(file))).toBe(true);
    expect(execFileSync('tar', ['--utc', '-tvf', file], { encoding: 'utf8' }).trim().split('\n')).toEqual(
      Array.from({ length: 7 }, () => expect.stringMatching(/^-rw-r--r-- 0\/0 +\d+ 1970-01-01 00:00 /)),
    );
  });

  test('a layer that both images have is there once, whole', () => {
    const name = `blobs/${blob(OCI.layer, LAYER).digest.replace(':', '/')}`;
    expect(execFileSync('tar', ['-xOf', file, name], { maxBuffer: 10_000_000 }).equals(LAYER)).toBe(true);
  });

  test.each<[string, string, () => Iterable<Buffer> | AsyncIterable<Buffer>, object]>([
    ['a layer that is not there', file, () => createReadStream(join(folder, 'nosuch')), { code: 'ENOENT' }],
    ['a layer that is shorter than named', file, () => [Buffer.from('x')], { message: 'Size mismatch' }],
    ['a full disk', '/dev/full', () => [LAYER], { code: 'ENOSPC' }],
  ])('%s fails it, with its own error', async (_behaviour, to, content, error) => {
    await expect(writeImages(to, IMAGES, content, signal)).rejects.toMatchObject(error);
  });

  test('it stops when it is cancelled', async () => {
    const aborted = AbortSignal.abort();
    await expect(writeImages(file, IMAGES, () => [LAYER], aborted)).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('comparing', () => {
  test('a file that was written holds its images', async () => {
    expect(await holdsImages(file, IMAGES, signal)).toBe(true);
  });

  test.each<[behaviour: string, images: readonly OciImage[]]>([
    ['a tag that has another image now', [image('1'), { ...image('3'), tag: '2' }]],
    ['one image more', [...IMAGES, image('3')]],
    ['one image less', [image('1')]],
    ['another order', [image('2'), image('1')]],
  ])('a file does not hold %s', async (_behaviour, images) => {
    expect(await holdsImages(file, images, signal)).toBe(false);
  });

  const written = (): Buffer => readFileSync(file);
  const damagedAt = (offset: number): Buffer => {
    const bytes = written();
    bytes[offset] = 7;
    return bytes;
  };
  test.each<[behaviour: string, content: () => Buffer]>([
    ['has a damaged layer', () => damagedAt(1_000_000)],
    ['has a damaged header', () => damagedAt(10)],
    ['was cut off in a layer', () => written().subarray(0, 1_000_000)],
    ['was cut off after a file', () => written().subarray(0, 1024)],
    ['is empty', () => Buffer.alloc(0)],
    ['is something else', () => Buffer.from('<html>'.repeat(1_000))],
  ])('a file that %s does not hold them', async (_behaviour, content) => {
    writeFileSync(file, content());
    expect(await holdsImages(file, IMAGES, signal)).toBe(false);
  });

  test('an error of the disk is not a difference', async () => {
    await expect(holdsImages(folder, IMAGES, signal)).rejects.toMatchObject({ code: 'EISDIR' });
  });

  test('it stops when it is cancelled', async () => {
    await expect(holdsImages(file, IMAGES, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });
});
